"""A checkpoint in the format of TensorFlow's first year."""

import pytest

from graphcore.graph.runtime import tf, tf1


@pytest.fixture(name="write_v1", scope="session")
def v1_writer():
    def write(path, values):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tf.Graph().as_default(), tf1.Session() as session:
            variables = [
                tf1.get_variable(name, initializer=value, use_resource=False) for name, value in values.items()
            ]
            session.run(tf1.global_variables_initializer())
            saver = tf1.train.Saver(variables, write_version=tf1.train.SaverDef.V1)
            saver.save(session, str(path), write_meta_graph=False, write_state=False)
        return path

    return write
