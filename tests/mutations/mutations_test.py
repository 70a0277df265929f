"""The list of mutations does not rot: every text is in its file, once."""
import pathlib
import unittest

from mutations import MUTATIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]


class MutationsTest(unittest.TestCase):
    def test_every_text_is_there_once(self):
        for mutation in MUTATIONS:
            with self.subTest(mutation.guarantee):
                self.assertEqual((ROOT / mutation.file).read_text().count(mutation.old), 1, mutation.file)
                self.assertNotEqual(mutation.old, mutation.new)


if __name__ == "__main__":
    unittest.main()
