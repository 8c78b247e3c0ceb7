"""Reads files as other programs do, none of their code being run, and prints one line of JSON for each.

Arguments: files, or folders of shards. What is not installed is said in the first line. A file gets a minute.
"""

import importlib
import json
import os
import signal
import sys


def version(name):
    try:
        return getattr(importlib.import_module(name), "__version__", "?")
    except Exception:
        return None


def with_torch(path):
    import torch

    value = torch.load(path, map_location="cpu", weights_only=True)
    return count(value)


def count(value, depth=0):
    import torch

    if isinstance(value, torch.Tensor):
        return 1
    if depth > 6:
        return 0
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return sum(count(one, depth + 1) for one in inner)


def with_safetensors(path):
    from safetensors import safe_open

    with safe_open(path, framework="pt") as opened:
        return sum(1 for name in opened.keys() if opened.get_tensor(name) is not None)


def with_timm(path):
    from timm.models import load_state_dict

    return len(load_state_dict(path))


READERS = {"torch": with_torch, "safetensors": with_safetensors, "timm": with_timm}


def attempt(read, path):
    def late(*_):
        raise TimeoutError("took more than a minute")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    try:
        tensors = read(path)
        return {"read": tensors > 0, "detail": f"{tensors} tensors"}
    except BaseException as error:  # A reader may end in anything; that is what is asked.
        return {"read": False, "detail": f"{type(error).__name__}: {error}".split("\n")[0][:160]}
    finally:
        signal.alarm(0)


def main(paths):
    versions = {name: version(name) for name in READERS}
    print(json.dumps({"versions": versions}), flush=True)
    for path in paths:
        found = {name: attempt(read, path) for name, read in READERS.items() if versions[name] and not os.path.isdir(path)}
        print(json.dumps({"path": path, "found": found}), flush=True)


main(sys.argv[1:])
