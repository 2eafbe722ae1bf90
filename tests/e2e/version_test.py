"""What `venturi version` tells: the version alone in its first line, as Airflow has it, then the commit and the database's schema."""

import re
import unittest

from support.case import HomeCase
from support.venturi import ROOT


class VersionTest(HomeCase):
    def test_version_commit_and_schema(self):
        version, commit, schema = self.venturi.cli("version").splitlines()
        declared = re.search(r"^project\(venturi VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
        self.assertEqual(version, declared)
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        if (ROOT / ".git").exists():
            self.assertRegex(commit, r"^commit [0-9a-f]{12}(-dirty)?$")
        self.assertRegex(schema, r"^database schema \d+$")
        # The changelog knows the version, and so do the packages.
        self.assertIn(f"\n## {version}\n", (ROOT / "CHANGELOG.md").read_text())
        self.assertIn(f"venturi ({version})", (ROOT / "debian" / "changelog").read_text().splitlines()[0])


if __name__ == "__main__":
    unittest.main()
