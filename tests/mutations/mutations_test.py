"""The list of mutations does not rot: every text is in its file, once, and faults.md says of each what came of it."""
import pathlib
import re
import unittest

from mutations import MUTATIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]


class MutationsTest(unittest.TestCase):
    def test_every_text_is_there_once(self):
        for mutation in MUTATIONS:
            with self.subTest(mutation.guarantee):
                self.assertEqual((ROOT / mutation.file).read_text().count(mutation.old), 1, mutation.file)
                self.assertNotEqual(mutation.old, mutation.new)

    def test_faults_md_has_a_row_for_each(self):
        section = (ROOT / "tests/faults.md").read_text().partition("## Broken on purpose\n")[2].partition("\n## ")[0]
        rows = re.findall(r"^\| (.+?) \| `(.+?)` \| [^*|]+ \| [0-9a-f]{7}\b[^|]*, 20[0-9-]{8} \|$", section, re.M)
        self.assertEqual(rows, [(mutation.guarantee, mutation.file) for mutation in MUTATIONS])


if __name__ == "__main__":
    unittest.main()
