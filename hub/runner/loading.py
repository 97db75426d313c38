"""How a plugin's module is found and imported, in the hub and in a runner alike."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType


def load_module(name: str, module: str) -> ModuleType:
    """Import the plugin: `module` is a name that can be imported, or the path of a folder."""
    folder = Path(module)
    if not folder.is_absolute() and not folder.is_dir():
        loaded: ModuleType = EntryPoint(name, module, "hub").load()
        return loaded
    file = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        folder.name, file, submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} can not be imported")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[folder.name] = loaded
    try:
        spec.loader.exec_module(loaded)
    except BaseException:
        sys.modules.pop(folder.name, None)
        raise
    return loaded
