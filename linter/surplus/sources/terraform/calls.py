"""Module calls: the folder a call leads to, and why some are not judged."""

from typing import TYPE_CHECKING, Any

from surplus.model import Unknown
from surplus.sources.terraform.limits import MAX_MODULE_DEPTH, MAX_MODULES
from surplus.sources.terraform.modules import Body, Folder, Placed
from surplus.trees import join, leaves

if TYPE_CHECKING:
    from surplus.sources.terraform.evaluate import Module


def called_folder(module: "Module", name: str, body: Body) -> Folder | Unknown:
    """The configuration that the call *name* in *module* leads to; an `Unknown` where it cannot be read.

    The reason is recorded once for each call.
    """
    evaluation = module.evaluation
    source = body.expression("source")
    place = source or body.header
    value = module.evaluate(source, module.constants) if source else None
    names = (*module.names, name)
    path = _path(module, value, names)
    if path is None:
        shown = value if isinstance(value, str) else "its source"
        return _unread(module, f"module.{name} is not judged: {shown} is not downloaded", place, names)
    if leaves(path):
        return _unread(module, f"module.{name} is not judged: {value} lies outside the scanned tree", place, names)
    if _is_open(module, path):
        return _unread(module, f"module.{name} calls itself, through {path}", place, names, note=False)
    if len(names) > MAX_MODULE_DEPTH:
        deep = f"more than {MAX_MODULE_DEPTH} calls inside one another (MAX_MODULE_DEPTH)"
        message = f"module.{name} is not judged: {deep}"
        return _unread(module, message, place, names)
    if evaluation.modules >= MAX_MODULES:
        message = f"module.{name} is not judged: more than {MAX_MODULES:,} module instances (MAX_MODULES)"
        return _unread(module, message, place, names)
    folder = evaluation.folder(path)
    if not folder.files and not folder.problems:
        return _unread(module, f"module.{name} is not judged: {value} holds no configuration", place, names)
    return folder


def _path(module: "Module", value: Any, names: tuple[str, ...]) -> str | None:
    """The folder of a local source, else of a downloaded module; None where it is not there."""
    if isinstance(value, str) and (value.startswith(("./", "../")) or value in (".", "..")):
        return join(module.folder.path, value)
    return module.evaluation.downloaded(".".join(names))


def _is_open(module: "Module | None", path: str) -> bool:
    """Whether a folder is already open on the way from the root."""
    while module is not None:
        if module.folder.path == path:
            return True
        module = module.caller
    return False


def _unread(module: "Module", message: str, place: Placed, names: tuple[str, ...], note: bool = True) -> Unknown:
    module.evaluation.problem(message, place, note=note)
    module.evaluation.unread_calls.setdefault("module." + ".module.".join(names))
    return Unknown(message.replace(" is not judged:", ":"))
