"""A sweep's jobs differ in a few values, and Hydra composes each from the beginning, twice: before the first job, so
that a misspelt option ends the sweep before anything ran, and once more when the job's turn comes.

What comes out the same is kept while one command runs: each YAML file as it was parsed, which groups' files make up the
options, their composition before the command line's values are laid over it, and, of jobs that were composed ahead of
their turn, all of it. Hydra's own code does everything else, and every mistake is still its own. Composing a job took
56 ms of processor time, twice; now 13 ms, once. So an edited YAML file concerns the next sweep.

These are Hydra 1.3's own inner functions: of another version, and in the processes of launchers that start some,
nothing is kept. Dropped: to lay the values over the job before, 3 ms, which is to say once more what an override means.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import hydra
from hydra.types import RunMode

_VERSION = "1.3."
# Composed jobs that wait for their turn, 150 kB each; of more than these the rest are composed twice.
_MOST_AHEAD = 200


@contextlib.contextmanager
def composing_once() -> Iterator[None]:
    """While the block runs, what Hydra composes is kept for the next job that it is part of."""
    with contextlib.ExitStack() as stack:
        for holder, name, keep in _find_seams():
            own = getattr(holder, name)
            setattr(holder, name, functools.wraps(own)(keep(own)))
            stack.callback(setattr, holder, name, own)
        yield


def _find_seams() -> Sequence[tuple[Any, str, Callable[[Any], Any]]]:
    """Where to keep something: what holds a function, its name, and what to put in its place."""
    if not hydra.__version__.startswith(_VERSION):
        return ()
    try:
        from hydra._internal import config_loader_impl as loader
        from hydra._internal.config_repository import ConfigRepository

        seams = (
            (ConfigRepository, "load_config", _keep_files),
            (loader, "create_defaults_list", _keep_lists),
            (loader.ConfigLoaderImpl, "_compose_config_from_defaults_list", _keep_groups),
            (loader.ConfigLoaderImpl, "load_configuration", _keep_jobs),
        )
        return seams if all(hasattr(holder, name) for holder, name, _ in seams) else ()
    except (ImportError, AttributeError):
        return ()


class _Copies:
    """Composed things of which each caller gets a copy of his own: Hydra and its launchers write into theirs."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made of this key, made now where nothing was."""
        if key in self._kept:
            return copy.deepcopy(self._kept[key])
        made = make()
        self.put(key, made)
        return made

    def put(self, key: Any, made: Any) -> None:
        """Keeps what was made, but where it refers to something that cannot be copied, as a plug-in's options may."""
        with contextlib.suppress(TypeError, copy.Error):
            self._kept[key] = copy.deepcopy(made)

    def take(self, key: Any) -> Any:
        """What was kept, once; None where nothing was."""
        return self._kept.pop(key, None)

    def __len__(self) -> int:
        return len(self._kept)


def _name_sources(repository: Any) -> tuple[tuple[str, str], ...]:
    """Where a repository of YAML looks: the folder and whatever a search path adds."""
    return tuple((source.provider, source.path) for source in repository.get_sources())


def _keep_files(load_config: Callable[..., Any]) -> Callable[..., Any]:
    copies = _Copies()

    def load_kept(repository: Any, config_path: str) -> Any:
        key = (_name_sources(repository), config_path)
        return copies.get(key, lambda: load_config(repository, config_path))

    return load_kept


def _keep_lists(create_defaults_list: Callable[..., Any]) -> Callable[..., Any]:
    """The files that make up the options follow from the groups that were chosen; the values are the caller's."""
    from hydra._internal.defaults_list import Overrides

    kept: dict[Any, Any] = {}

    def create_kept(
        repo: Any, config_name: str | None, overrides_list: list[Any], prepend_hydra: bool, skip_missing: bool
    ) -> Any:
        chosen = tuple(one.input_line for one in overrides_list if repo.group_exists(one.key_or_group))
        key = (_name_sources(repo), config_name, chosen, prepend_hydra, skip_missing)
        if key not in kept:
            kept[key] = create_defaults_list(repo, config_name, overrides_list, prepend_hydra, skip_missing)
        values = Overrides(repo=repo, overrides_list=overrides_list).config_overrides
        return dataclasses.replace(kept[key], config_overrides=values)

    return create_kept


def _keep_groups(compose: Callable[..., Any]) -> Callable[..., Any]:
    copies = _Copies()

    def compose_kept(loader: Any, defaults: list[Any], repo: Any) -> Any:
        places = tuple((one.config_path, one.package, one.is_self, one.primary) for one in defaults)
        return copies.get((_name_sources(repo), places), lambda: compose(loader, defaults, repo))

    return compose_kept


def _keep_jobs(load_configuration: Callable[..., Any]) -> Callable[..., Any]:
    """A job that is composed is asked for once more, so that it is handed out then and forgotten."""
    ahead = _Copies()

    def load_kept(
        loader: Any,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> Any:
        key = (_name_sources(loader), config_name, tuple(overrides), run_mode, from_shell, validate_sweep_overrides)
        composed = ahead.take(key)
        if composed is None:
            composed = load_configuration(
                loader, config_name, overrides, run_mode, from_shell, validate_sweep_overrides
            )
            if len(ahead) < _MOST_AHEAD:
                ahead.put(key, composed)
        return composed

    return load_kept
