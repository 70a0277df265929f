"""The repository's own text files, as a map from path to text: what the rules look at."""

import os

SKIPPED = {".git", "build", "cistern-data", "__pycache__"}
CODE = (".h", ".cc")


def read_tree(root):
    tree = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED and not f.startswith("build-")]
        for name in files:
            path = os.path.join(folder, name)
            if name in SKIPPED:
                continue
            try:
                with open(path, encoding="utf-8") as file:
                    tree[os.path.relpath(path, root)] = file.read()
            except UnicodeDecodeError:
                pass  # not text
    return tree


def code_files(tree, *folders):
    """(path, text) of C++ files below `folders`, or of all."""
    for path, text in sorted(tree.items()):
        if path.endswith(CODE) and (not folders or path.split("/")[0] in folders):
            yield path, text
