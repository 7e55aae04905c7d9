"""How far figures can be trusted: whole subjects or videos drawn anew, again and again."""
