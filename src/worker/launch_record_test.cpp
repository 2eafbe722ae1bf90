#include "worker/launch_record.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

namespace venturi::worker {
namespace {

using Fate = LaunchRecord::Fate;

void commit(LaunchRecord& record) {
  if (record.write()) record.synced(record.sync().empty());
}

class LaunchRecordTest : public ::testing::Test {
 protected:
  LaunchRecordTest() {
    std::string pattern = ::testing::TempDir() + "launch_record_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LaunchRecordTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/launch.rec"; }
  std::string read() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& content) const { std::ofstream(path(), std::ios::binary) << content; }

  std::string folder_;
};

TEST_F(LaunchRecordTest, a_token_is_known_after_a_restart) {
  std::string id;
  {
    LaunchRecord record(folder_);
    id = record.worker_id();
    record.begin_epoch(1, 0);
    record.accept({1, 5});
    record.refuse({1, 6});
    record.accept({1, 7});
    record.settle({1, 7});
    commit(record);
  }
  LaunchRecord record(folder_);
  EXPECT_EQ(record.worker_id(), id);
  EXPECT_EQ(record.fate({1, 5}), Fate::accepted);
  EXPECT_EQ(record.fate({1, 6}), Fate::refused);
  EXPECT_EQ(record.fate({1, 7}), Fate::settled);
  EXPECT_EQ(record.fate({1, 8}), Fate::none);
  EXPECT_TRUE(record.would_know({1, 8}));
  EXPECT_EQ(record.unsettled(), (std::vector<Token>{{1, 5}}));
  EXPECT_EQ(record.highest(), 7);
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST_F(LaunchRecordTest, a_torn_last_batch_was_never_synced) {
  {
    LaunchRecord record(folder_);
    record.begin_epoch(1, 0);
    commit(record);
    record.accept({1, 1});
    commit(record);
    for (std::uint64_t i = 2; i < 10; ++i) record.accept({1, i});
    commit(record);
  }
  const std::string whole = read();
  // Slot 0 is the header, 1 the base, 2 token 1, 3.. tokens 2..9: each way to tear the last batch.
  for (std::size_t cut = 3; cut <= 10; ++cut) {
    for (const bool only_one : {false, true}) {
      std::string torn = whole;
      for (std::size_t i = cut * 32; i < (only_one ? cut + 1 : std::size_t{11}) * 32; ++i) torn[i] = static_cast<char>(i % 7);
      write(torn);
      LaunchRecord record(folder_);
      EXPECT_EQ(record.fate({1, 1}), Fate::accepted);
      EXPECT_EQ(record.fate({1, cut - 1}), Fate::none);
      EXPECT_TRUE(record.would_know({1, cut - 1})) << cut;
      record.accept({1, 20});
      commit(record);
      EXPECT_EQ(LaunchRecord(folder_).fate({1, 20}), Fate::accepted);
    }
  }
}

TEST_F(LaunchRecordTest, a_hole_in_what_was_synced_makes_the_rest_unknown) {
  std::string id;
  {
    LaunchRecord record(folder_);
    id = record.worker_id();
    record.begin_epoch(1, 0);
    record.accept({1, 1});
    record.accept({1, 2});
    commit(record);
    record.accept({1, 3});
    commit(record);
  }
  std::string content = read();
  content[2 * 32 + 9] ^= 1;  // token 1
  write(content);
  LaunchRecord record(folder_);
  EXPECT_NE(record.worker_id(), id);
  EXPECT_EQ(record.fate({1, 2}), Fate::accepted);
  EXPECT_EQ(record.fate({1, 1}), Fate::none);
  EXPECT_FALSE(record.would_know({1, 1}));
  record.begin_epoch(1, 4);  // the server: below 4 all may have been sent
  commit(record);
  EXPECT_FALSE(record.would_know({1, 1}));
  EXPECT_TRUE(record.would_know({1, 4}));
  LaunchRecord again(folder_);
  EXPECT_EQ(again.fate({1, 3}), Fate::accepted);
  EXPECT_FALSE(again.would_know({1, 1}));
}

TEST_F(LaunchRecordTest, a_lost_file_knows_nothing_of_what_was_sent_before) {
  LaunchRecord record(folder_);
  EXPECT_FALSE(record.would_know({1, 1}));
  record.begin_epoch(1, 10);
  EXPECT_FALSE(record.would_know({1, 9}));
  EXPECT_TRUE(record.would_know({1, 10}));
}

TEST_F(LaunchRecordTest, a_header_that_does_not_read_back_counts_as_lost) {
  {
    LaunchRecord record(folder_);
    commit(record);
  }
  std::string content = read();
  content[20] ^= 1;
  write(content);
  LaunchRecord record(folder_);
  EXPECT_FALSE(record.would_know({1, 1}));
  EXPECT_TRUE(std::filesystem::exists(path() + ".damaged"));
}

TEST_F(LaunchRecordTest, a_new_epoch_does_not_know_the_old_one) {
  {
    LaunchRecord record(folder_);
    record.begin_epoch(1, 0);
    record.accept({1, 3});
    commit(record);
    record.begin_epoch(2, 7);
    commit(record);
  }
  LaunchRecord record(folder_);
  EXPECT_EQ(record.fate({1, 3}), Fate::accepted);
  EXPECT_FALSE(record.would_know({1, 4}));
  EXPECT_FALSE(record.would_know({2, 6}));
  EXPECT_TRUE(record.would_know({2, 7}));
}

TEST_F(LaunchRecordTest, what_could_not_be_written_counts_as_refused) {
  LaunchRecord record(folder_);
  record.begin_epoch(1, 0);
  record.accept({1, 1});
  commit(record);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;  // a disk that takes nothing more
  for (std::uint64_t i = 2; i < 5; ++i) record.accept({1, i});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  EXPECT_THROW(commit(record), std::system_error);
  EXPECT_EQ(record.fate({1, 2}), Fate::refused);
  record.accept({1, 5});
  EXPECT_THROW(commit(record), std::system_error);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  record.accept({1, 6});
  commit(record);
  const LaunchRecord again(folder_);
  for (const LaunchRecord* r : {&std::as_const(record), &again}) {
    EXPECT_EQ(r->unsettled(), (std::vector<Token>{{1, 1}, {1, 6}}));
    for (std::uint64_t i = 2; i < 6; ++i) EXPECT_EQ(r->fate({1, i}), Fate::refused);
  }
}

TEST_F(LaunchRecordTest, what_could_not_be_synced_counts_as_refused_and_what_came_meanwhile_does_not) {
  LaunchRecord record(folder_);
  record.begin_epoch(1, 0);
  record.accept({1, 1});
  commit(record);
  record.accept({1, 2});
  ASSERT_TRUE(record.write());
  record.accept({1, 3});  // while another thread syncs
  record.synced(false);
  EXPECT_EQ(record.fate({1, 2}), Fate::refused);
  EXPECT_EQ(record.fate({1, 3}), Fate::accepted);
  commit(record);
  const LaunchRecord again(folder_);
  for (const LaunchRecord* r : {&std::as_const(record), &again}) {
    EXPECT_EQ(r->unsettled(), (std::vector<Token>{{1, 1}, {1, 3}}));
    EXPECT_EQ(r->fate({1, 2}), Fate::refused);
  }
}

TEST_F(LaunchRecordTest, what_came_while_another_thread_synced_follows) {
  {
    LaunchRecord record(folder_);
    record.begin_epoch(1, 0);
    commit(record);
    record.accept({1, 1});
    ASSERT_TRUE(record.write());
    record.settle({1, 1});
    record.accept({1, 2});
    record.synced(record.sync().empty());
    EXPECT_TRUE(record.write());
    record.synced(record.sync().empty());
    EXPECT_FALSE(record.write());
  }
  EXPECT_EQ(LaunchRecord(folder_).unsettled(), (std::vector<Token>{{1, 2}}));
}

// One that waits for weeks holds the horizon.
TEST_F(LaunchRecordTest, what_came_since_an_open_launch_stays_small) {
  constexpr std::uint64_t launches = 50'000;
  {
    LaunchRecord record(folder_);
    record.begin_epoch(1, 0);
    record.accept({1, 1});
    for (std::uint64_t sequence = 2; sequence <= launches; ++sequence) {
      if (sequence == 1000) continue;  // given to nobody
      sequence == 2000 ? record.refuse({1, sequence}) : record.accept({1, sequence});
      const std::uint64_t over = sequence - 10;
      if (sequence > 11 && over != 1000 && over != 2000) record.settle({1, over});
      if (sequence % 100 == 0 && record.write()) record.synced(true);  // the disk's part is not looked at here
    }
    commit(record);
  }
  EXPECT_LE(std::filesystem::file_size(path()), 2'000'000);
  LaunchRecord record(folder_);
  EXPECT_EQ(record.fate({1, 1}), Fate::accepted);
  EXPECT_EQ(record.fate({1, 999}), Fate::settled);
  EXPECT_EQ(record.fate({1, 1000}), Fate::none);
  EXPECT_EQ(record.fate({1, 1001}), Fate::settled);
  EXPECT_EQ(record.fate({1, 2000}), Fate::refused);
  EXPECT_EQ(record.fate({1, launches - 10}), Fate::settled);
  EXPECT_EQ(record.fate({1, launches - 9}), Fate::accepted);
  EXPECT_EQ(record.fate({1, launches + 1}), Fate::none);
  EXPECT_EQ(record.fate({2, 5}), Fate::none);
  EXPECT_EQ(record.highest(), launches);
  record.forget_below(30'000);
  EXPECT_EQ(record.fate({1, 29'999}), Fate::none);
  EXPECT_FALSE(record.would_know({1, 29'999}));
  EXPECT_EQ(record.fate({1, 30'000}), Fate::settled);
  commit(record);
  EXPECT_EQ(LaunchRecord(folder_).fate({1, 30'000}), Fate::settled);
  EXPECT_EQ(LaunchRecord(folder_).fate({1, 29'999}), Fate::none);
}

TEST_F(LaunchRecordTest, forgets_below_the_horizon_and_stays_small) {
  {
    LaunchRecord record(folder_);
    record.begin_epoch(1, 0);
    for (std::uint64_t i = 1; i <= 40'000; ++i) {
      record.accept({1, i});
      if (i % 100 == 0) {
        record.forget_below(i - 50);
        commit(record);
      }
    }
  }
  EXPECT_LE(std::filesystem::file_size(path()), 1U << 20U);
  LaunchRecord record(folder_);
  EXPECT_EQ(record.horizon(), 39'950U);
  EXPECT_FALSE(record.would_know({1, 39'949}));
  EXPECT_EQ(record.fate({1, 39'949}), Fate::none);
  EXPECT_EQ(record.fate({1, 39'950}), Fate::accepted);
  EXPECT_EQ(record.unsettled().size(), 51U);
}

}  // namespace
}  // namespace venturi::worker
