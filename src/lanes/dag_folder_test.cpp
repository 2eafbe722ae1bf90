#include "lanes/dag_folder.h"

#include <unistd.h>

#include "lanes/testing/loop_fixture.h"

namespace venturi::lanes {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class DagFolderTest : public LoopTest {
 protected:
  void start(std::chrono::milliseconds rescan = std::chrono::hours(1)) {
    watched.emplace(loop, root, rescan, [this](const FolderChanges& changes) {
      ++calls;
      if (changes.whole_folder) ++scans;
      if (changes.whole_folder) problems = changes.problems;
      for (const auto& path : changes.written) written.push_back(path);
      for (const auto& path : changes.removed) removed.push_back(path);
    });
    const auto started = watched->start();
    ASSERT_TRUE(started) << started.error().text();
    run_until([this] { return scans > 0; }, "the folder was scanned");
  }
  void wait_for_written(const std::string& path) {
    run_until([&] { return std::ranges::find(written, path) != written.end(); }, path + " was seen");
  }
  void wait_for_removed(const std::string& path) {
    run_until([&] { return std::ranges::find(removed, path) != removed.end(); }, path + " was seen to go");
  }
  void put(const std::string& relative, const std::string& text = "x") { write_text(root + "/" + relative, text); }

  std::string root = folder.path + "/dags";
  std::optional<DagFolder> watched;
  int calls = 0, scans = 0;
  std::string problems;
  std::vector<std::string> written, removed;
};

TEST_F(DagFolderTest, FindsWhatIsThere) {
  put("a.cpp");
  put("sub/deep/b");
  put(".git/config");
  put(".hidden.cpp");
  put("__pycache__/x.pyc");
  std::filesystem::create_directory_symlink(root + "/sub", root + "/sub/deep/circle");
  start();
  EXPECT_THAT(written, ElementsAre("a.cpp", "sub/deep/b"));
  EXPECT_THAT(removed, IsEmpty());
}

TEST_F(DagFolderTest, SeesNewChangedRenamedAndRemovedFiles) {
  put("a.cpp");
  start();
  written.clear();
  put("new.cpp");
  wait_for_written("new.cpp");
  put("a.cpp", "y");
  wait_for_written("a.cpp");
  std::filesystem::rename(root + "/a.cpp", root + "/b.cpp");
  wait_for_written("b.cpp");
  wait_for_removed("a.cpp");
  std::filesystem::remove(root + "/b.cpp");
  wait_for_removed("b.cpp");
  EXPECT_EQ(scans, 1);
}

TEST_F(DagFolderTest, SeesAnExecutableBit) {
  put("program");
  start();
  written.clear();
  ASSERT_EQ(::chmod((root + "/program").c_str(), 0755), 0);
  wait_for_written("program");
}

TEST_F(DagFolderTest, SeesFilesInNewFoldersAndFoldersThatGo) {
  std::filesystem::create_directories(root);
  start();
  put("x/y/z.cpp");
  wait_for_written("x/y/z.cpp");
  written.clear();
  put("x/y/later.cpp");
  wait_for_written("x/y/later.cpp");
  std::filesystem::rename(root + "/x", root + "/moved");
  wait_for_written("moved/y/z.cpp");
  wait_for_removed("x/y/z.cpp");
  put("moved/y/after.cpp");
  wait_for_written("moved/y/after.cpp");
  std::filesystem::remove_all(root + "/moved");
  wait_for_removed("moved/y/z.cpp");
}

TEST_F(DagFolderTest, SeesLinks) {
  std::filesystem::create_directories(root);
  write_text(folder.path + "/elsewhere.cpp", "x");
  start();
  std::filesystem::create_symlink(folder.path + "/elsewhere.cpp", root + "/soft.cpp");
  wait_for_written("soft.cpp");
  std::filesystem::create_hard_link(folder.path + "/elsewhere.cpp", root + "/hard.cpp");
  wait_for_written("hard.cpp");
}

TEST_F(DagFolderTest, DoesNotLookAtAFileBeforeItIsClosed) {
  std::filesystem::create_directories(root);
  start();
  calls = 0;
  std::ofstream file(root + "/slow.cpp");
  file << "half" << std::flush;
  run_for(std::chrono::milliseconds(200));
  EXPECT_EQ(calls, 0);
  file.close();
  wait_for_written("slow.cpp");
}

TEST_F(DagFolderTest, IgnoresWhatItIsTold) {
  put("a.cpp");
  put("old/b.cpp");
  put("sub/x.tmp");
  put(".airflowignore", "old/\n*.tmp\n");
  start();
  EXPECT_THAT(written, ElementsAre("a.cpp"));
  written.clear();
  put(".airflowignore", "a.cpp\n");
  wait_for_removed("a.cpp");
  wait_for_written("old/b.cpp");
  put("sub/a.cpp");
  put("sub/c.cpp");
  wait_for_written("sub/c.cpp");
  EXPECT_THAT(written, testing::Not(Contains("sub/a.cpp")));
}

TEST_F(DagFolderTest, RescansForWhatNoEventTells) {
  put("sub/a.cpp");
  write_text(folder.path + "/elsewhere.cpp", "x");
  std::filesystem::create_symlink(folder.path + "/elsewhere.cpp", root + "/soft.cpp");
  start(std::chrono::milliseconds(50));
  written.clear();
  write_text(folder.path + "/elsewhere.cpp", "longer");  // behind the link: no event
  wait_for_written("soft.cpp");
}

TEST_F(DagFolderTest, ComesBackAfterTheFolderWent) {
  put("a.cpp");
  start(std::chrono::milliseconds(50));
  std::filesystem::remove_all(root);
  wait_for_removed("a.cpp");
  EXPECT_THAT(problems, testing::HasSubstr(root + " cannot be read: No such file"));
  put("b.cpp");
  wait_for_written("b.cpp");
  run_until([&] { return problems.empty(); }, "the folder was well again");
}

TEST_F(DagFolderTest, IsIdleWhenNothingHappens) {
  for (int i = 0; i < 1000; ++i) put("dag" + std::to_string(i) + ".cpp");
  start();
  calls = 0;
  std::timespec before{}, after{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  run_for(std::chrono::milliseconds(500));
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  EXPECT_EQ(calls, 0);
  const double used =
      static_cast<double>(after.tv_sec - before.tv_sec) + static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e9;
  EXPECT_LT(used, 0.05);  // a loop that spins uses ten times that
}

}  // namespace
}  // namespace venturi::lanes
