"""The repository keeps its own rules: rules.py over every file, formatting, and scripts that can be run."""

import os
import shutil
import subprocess
import unittest

import rules
from tree import code_files, read_tree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FORMATTER = "clang-format-14"


class RepositoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = read_tree(ROOT)

    def test_rules(self):
        self.assertIn("pipeline/result.h", self.tree)  # the right tree
        for rule in rules.ALL:
            with self.subTest(rule.__name__):
                self.assertEqual(list(rule(self.tree)), [])

    def test_formatted(self):
        self.assertIsNotNone(shutil.which(FORMATTER), f"{FORMATTER} is missing: deploy/install-packages test")
        paths = [path for path, _ in code_files(self.tree)]
        done = subprocess.run([FORMATTER, "--dry-run", "-Werror", *paths], cwd=ROOT, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, f"\n{done.stdout[:4000]}\nmend it with {FORMATTER} -i FILE")

    def test_scripts_can_be_run(self):
        scripts = {path for path, text in self.tree.items() if text.startswith("#!")}
        self.assertIn("tests/run", scripts)
        self.assertEqual([path for path in sorted(scripts) if not os.access(os.path.join(ROOT, path), os.X_OK)], [])


if __name__ == "__main__":
    unittest.main()
