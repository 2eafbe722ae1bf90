"""One version everywhere: what `venturi version` tells, what the build declares, the changelog and the packages."""

import re
import unittest

from support.case import HomeCase
from support.venturi import ROOT


class VersionTest(HomeCase):
    def test_one_version_everywhere(self):
        version = self.venturi.cli("version").strip()
        declared = re.search(r"^project\(venturi VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
        self.assertEqual(version, declared)
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        self.assertIn(f"\n## {version}\n", (ROOT / "CHANGELOG.md").read_text())
        self.assertIn(f"venturi ({version})", (ROOT / "debian" / "changelog").read_text().splitlines()[0])


if __name__ == "__main__":
    unittest.main()
