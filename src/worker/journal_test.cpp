#include "worker/journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace venturi::worker {
namespace {

TEST(Journal, keeps_whole_frames_and_passes_over_a_torn_end) {
  std::string pattern = ::testing::TempDir() + "journal_XXXXXX";
  const std::string folder = ::mkdtemp(pattern.data());
  {
    Journal journal(folder);
    EXPECT_TRUE(journal.empty());
    journal.append("first");
    journal.append(std::string(100'000, 'x'));
    journal.sync();
    journal.append("torn");
    journal.sync();
  }
  std::filesystem::resize_file(folder + "/journal", std::filesystem::file_size(folder + "/journal") - 1);
  {
    Journal journal(folder);
    ASSERT_EQ(journal.found().size(), 2U);
    EXPECT_EQ(journal.found()[0], "first");
    EXPECT_EQ(journal.found()[1].size(), 100'000U);
    journal.append("after");
    journal.sync();
  }
  {
    Journal journal(folder);
    ASSERT_EQ(journal.found().size(), 3U);
    EXPECT_EQ(journal.found()[2], "after");
    journal.clear();
  }
  EXPECT_TRUE(Journal(folder).found().empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace venturi::worker
