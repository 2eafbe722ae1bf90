"""`venturi providers new`: in a copy of the sources the new provider is built, tested, listed and run, and nothing but its own files and
pages that are made by scripts is new there."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("VENTURI_BIN", ROOT / "build" / "release" / "bin"))
MADE_BY_SCRIPTS = {"docs/reference/dag-schema.json", "docs/reference/yaml.md", "examples/cookbook/README.md"}


class ProviderSkeletonTest(unittest.TestCase):
    def run_in(self, *command, env=None):
        done = subprocess.run(command, cwd=self.tree, env={**os.environ, **(env or {})}, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout[-3000:]}")
        return done.stdout

    def test_what_it_writes_is_a_provider(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="venturi-provider-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.tree = folder / "venturi"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, self.tree], check=True)
        written = self.run_in(BIN / "venturi", "providers", "new", "acme_shop").splitlines()
        files = {line for line in written if (self.tree / line).is_file()}
        self.assertEqual(len(files), 7, written)
        again = subprocess.run([BIN / "venturi", "providers", "new", "acme_shop"], cwd=self.tree, text=True, capture_output=True, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)

        ccache = {"CCACHE_DIR": os.environ.get("CCACHE_DIR", str(ROOT / ".cache" / "ccache")), "CCACHE_BASEDIR": str(self.tree)}
        self.run_in("scripts/build", "release", "providers_tests", "lanes_tests", "venturi", "venturi-worker", "venturi-operators", env=ccache)
        self.run_in("build/release/src/providers/providers_tests", "--gtest_filter=AcmeShop*:OperatorsDocument.*:TemplateFields.*")
        self.run_in("scripts/yaml-tables", env=ccache)
        self.run_in("scripts/excerpts")
        self.run_in("scripts/check-includes")
        self.run_in("git", "add", "-A")
        self.run_in("make", "format")  # lines are as long as the name
        self.run_in("git", "add", "-A")
        changed = set(self.run_in("git", "diff", "--cached", "--name-only").split())
        self.assertEqual(changed - files, MADE_BY_SCRIPTS)

        home = {"VENTURI_HOME": str(folder / "home"), "VENTURI__CORE__TEST_CONNECTION": "Enabled", "PATH": f"{self.tree}/build/release/bin:{os.environ['PATH']}"}
        self.assertIn("AcmeShopOperator", self.run_in("venturi", "providers", "get", "acme_shop", env=home))
        self.run_in("venturi", "db", "migrate", env=home)
        (folder / "home" / "dags" / "greeting.yaml").write_text(
            "dag_id: greeting\nschedule: null\ntasks:\n  greet: {operator: AcmeShopOperator, greeting: hello}\n")
        self.run_in("venturi", "connections", "add", "acme_shop_default", "--conn-type", "acme_shop", "--conn-host", "world", env=home)
        self.assertIn("successfully tested", self.run_in("venturi", "connections", "test", "acme_shop_default", env=home))
        self.assertIn("hello, world", self.run_in("venturi", "dags", "test", "greeting", env=home))


if __name__ == "__main__":
    unittest.main()
