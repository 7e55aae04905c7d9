from graphcore.errors import ConfigError, GraphcoreError


def test_message_holds_problem_choices_and_next_step():
    error = ConfigError("head.name=tree is not known.", choices=["linear", "mlp"], next_step="Set head=linear.")
    assert str(error) == "head.name=tree is not known.\nChoices: linear, mlp.\nSet head=linear."


def test_no_choices_says_none():
    assert str(GraphcoreError("Nothing fits.", choices=[])) == "Nothing fits.\nChoices: none."
