// SFTPOperator against OpenSSH's server.
#include <gmock/gmock.h>

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "providers/testing/sftp_host.h"
#include "venturi/sftp.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using namespace std::chrono_literals;

TEST(SftpFields, AreThoseThatTheHostRenders) {
  expect_fields_of_the_registry<SFTPOperator, SFTPSensor>();
}

class SftpOperatorTest : public MoverProgramTest {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<tests::SftpServer>(); }
  static void TearDownTestSuite() { server.reset(); }
  SftpOperatorTest() { connections["sftp_default"] = sftp_connection(*server); }

  static Object op(const char* operation, Value local, Value remote, Object more = {}) {
    Object op{{"task_type", "SFTPOperator"}, {"operation", operation}, {"remote_filepath", std::move(remote)}};
    if (!local.is_null()) op.set("local_filepath", std::move(local));
    for (const auto& [key, value] : more) op.set(key, value);
    return op;
  }
  Moved get(const std::string& remote, const std::string& local, Object more = {}) {
    return run(op("get", local, remote, std::move(more)));
  }
  Moved put(const std::string& local, const std::string& remote, Object more = {}) {
    return run(op("put", local, remote, std::move(more)));
  }
  // Of a try that may not be repeated too.
  static std::string error(const Moved& moved) {
    return moved.error() + moved.message("TaskState").get_string("state") + moved.log;
  }

  static std::unique_ptr<tests::SftpServer> server;
  tests::TestFolder here, there;
};
std::unique_ptr<tests::SftpServer> SftpOperatorTest::server;

TEST_F(SftpOperatorTest, ThereAndBack) {
  const std::string text = std::string("a,b\n\0\xff", 6) + std::string(100'000, 'x');
  for (const std::string name : {"plain.csv", "with spaces & quotes'\".csv", "отчёт за день.csv", "-rf", "new\nline"}) {
    const std::string file = here.write(name, text);
    const Moved sent = put(file, there / name);
    EXPECT_EQ(sent.error(), "") << name;
    EXPECT_EQ(sent.xcom(), Value(file));
    EXPECT_EQ(tests::read_file(there / name), text) << name;
    const Moved fetched = get(there / name, here / ("back " + name));
    EXPECT_EQ(fetched.error(), "") << name;
    EXPECT_EQ(tests::read_file(here / ("back " + name)), text) << name;
  }
  EXPECT_THAT(names_in(there.path()), Not(HasSubstr(".tmp")));
  EXPECT_THAT(names_in(here.path()), Not(HasSubstr(".tmp")));
  const Moved once_more = put(here.write("plain.csv", "new"), there / "plain.csv");
  EXPECT_EQ(once_more.error(), "");
  EXPECT_EQ(tests::read_file(there / "plain.csv"), "new");
  EXPECT_THAT(once_more.log, AllOf(HasSubstr("plain.csv is sftp://"), HasSubstr(": 3 bytes")));
}

TEST_F(SftpOperatorTest, EmptyFilesAndSeveralOnes) {
  EXPECT_EQ(put(here.write("empty", ""), there / "empty").error(), "");
  EXPECT_EQ(tests::read_file(there / "empty"), "");
  EXPECT_TRUE(std::filesystem::exists(there / "empty"));
  EXPECT_EQ(get(there / "empty", here / "empty2").error(), "");
  EXPECT_EQ(std::filesystem::file_size(here / "empty2"), 0U);
  // Of sizes around the pieces in which it is read.
  Array local, remote, back;
  for (const std::size_t size : {1UL, 32767UL, 32768UL, 32769UL, 1048576UL, 1048577UL, 3000001UL}) {
    const std::string name = std::to_string(size);
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; i += 7) text[i] = static_cast<char>('a' + i / 7 % 26);
    local.emplace_back(here.write(name, text));
    remote.emplace_back(there / name);
    back.emplace_back(here / (name + ".back"));
  }
  const Moved sent = run(op("put", local, remote));
  EXPECT_EQ(sent.error(), "");
  EXPECT_EQ(sent.xcom(), Value(local));
  EXPECT_EQ(run(op("GET", back, remote)).error(), "");
  for (std::size_t i = 0; i < local.size(); ++i)
    EXPECT_TRUE(tests::read_file(local[i].as_string()) == tests::read_file(back[i].as_string())) << local[i].as_string();
}

TEST_F(SftpOperatorTest, FoldersAsAWholeOrNotAtAll) {
  std::filesystem::create_directories(here / "out/a/b");
  here.write("out/one", "1");
  here.write("out/a/b/two", "2");
  EXPECT_EQ(put(here / "out", there / "in/x", {{"create_intermediate_dirs", true}}).error(), "");
  EXPECT_EQ(tests::read_file(there / "in/x/a/b/two"), "2");
  std::filesystem::create_symlink(there / "in/x/one", there / "in/x/link");
  std::filesystem::create_directory_symlink("..", there / "in/x/circle");
  EXPECT_THAT(put(here / "out", there / "in/x").error(), HasSubstr("it already exists"));
  const Moved fetched = get(there / "in/x/", here / "back");
  EXPECT_EQ(fetched.error(), "");
  EXPECT_THAT(fetched.log, AllOf(HasSubstr("circle is no file, and is passed over"), HasSubstr("3 files")));
  EXPECT_EQ(names_in(here / "back"), "a link one");
  EXPECT_EQ(tests::read_file(here / "back/link"), "1");
  EXPECT_THAT(get(there / "in/x", here / "back").error(), HasSubstr("already exists"));
  EXPECT_EQ(names_in(there / "in"), "x");

  const Moved deleted = run(op("delete", Value(), there / "in/x"));
  EXPECT_EQ(deleted.error(), "");
  EXPECT_THAT(deleted.log, HasSubstr("7 files and folders"));
  EXPECT_FALSE(std::filesystem::exists(there / "in/x"));
  EXPECT_TRUE(std::filesystem::exists(there / "in"));
}

TEST_F(SftpOperatorTest, FoldersOnTheWayAndDeletions) {
  const std::string file = here.write("f", "1");
  EXPECT_THAT(put(file, there / "no/such/f").error(),
              AllOf(HasSubstr("SFTP: PUT sftp://"), HasSubstr("no/such/"), HasSubstr("there is no such file")));
  EXPECT_EQ(put(file, there / "made/such/f", {{"create_intermediate_dirs", true}}).error(), "");
  EXPECT_THAT(get(there / "made/such/f", here / "a/b").error(), HasSubstr(here / "a/b cannot be made"));
  EXPECT_EQ(get(there / "made/such/f", here / "a/b", {{"create_intermediate_dirs", true}}).error(), "");
  EXPECT_THAT(put(file, there / "made/such/f/g", {{"create_intermediate_dirs", true}}).error(),
              HasSubstr("it already exists and is a file"));
  EXPECT_THAT(put(file, there / "made").error(), HasSubstr("it is a folder: name the file in it"));
  const Moved deleted = run(op("delete", Value(), Array{there / "made/such/f", there / "nothing"}));
  EXPECT_EQ(deleted.error(), "");
  EXPECT_EQ(deleted.xcom(), Value());
  EXPECT_THAT(deleted.log, HasSubstr("nothing does not exist. Skipping delete."));
  EXPECT_FALSE(std::filesystem::exists(there / "made/such/f"));
}

TEST_F(SftpOperatorTest, PermissionsOfWhatIsReplacedStay) {
  const std::string target = there.write("script", "old");
  ::chmod(target.c_str(), 0751);
  EXPECT_EQ(put(here.write("script", "new"), target).error(), "");
  struct stat info{};
  ASSERT_EQ(::stat(target.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0751U);
  EXPECT_EQ(tests::read_file(target), "new");
}

TEST_F(SftpOperatorTest, ArgumentsThatAreWrong) {
  EXPECT_THAT(error(run(op("move", "/a", "/b"))), HasSubstr("operation must be get, put or delete"));
  EXPECT_THAT(error(run(op("put", Array{"/a", "/b"}, "/b"))),
              HasSubstr("2 paths in local_filepath != 1 paths in remote_filepath"));
  EXPECT_THAT(error(run(op("delete", "/a", "/b"))), HasSubstr("local_filepath should not be provided for delete operation"));
  EXPECT_THAT(error(run(op("put", "a", "/b"))), HasSubstr("local_filepath must be absolute"));
  EXPECT_THAT(error(run(op("put", "/a", "/b", {{"concurrency", 0}}))), HasSubstr("concurrency should be >= 1, got 0"));
  for (const char* all : {"/", "//", ".", "/tmp/..", "a/.."})
    EXPECT_THAT(error(run(op("delete", Value(), all))), HasSubstr("names all that is there")) << all;
  EXPECT_THAT(error(run(op("get", here / "x", "/b", {{"ssh_conn_id", "nobody"}}))), HasSubstr("nobody"));
  EXPECT_THAT(put(here / "nowhere", there / "x").error(), HasSubstr("nowhere cannot be read on the worker's machine"));
}

TEST_F(SftpOperatorTest, WhatIsMissingOrForbidden) {
  EXPECT_THAT(get(there / "nowhere", here / "x").error(),
              MatchesRegex("SFTP: GET sftp://.*@127.0.0.1:[0-9]+/.*/nowhere: there is no such file .status 2: No such file."));
  EXPECT_EQ(names_in(here.path()), "");
  EXPECT_THAT(get("/proc/self/mem", here / "x").error(), HasSubstr("SFTP: GET sftp://"));
  // Root may do all but this: nobody writes there.
  const Moved forbidden = put(here.write("f", "1"), "/proc/f");
  EXPECT_THAT(forbidden.error(), AllOf(HasSubstr("SFTP: PUT sftp://"), HasSubstr("/proc/.f.")));
  const tests::SftpServer read_only({.settings = {"ForceCommand internal-sftp -R"}});
  connections["sftp_default"] = sftp_connection(read_only);
  EXPECT_THAT(put(here / "f", there / "f").error(), HasSubstr("permission denied (status 3"));
  EXPECT_EQ(names_in(there.path()), "");
}

TEST_F(SftpOperatorTest, ADiskThatIsFull) {
  // Nothing goes there, and it cannot be replaced.
  connections["sftp_default"] = sftp_connection(*server, {{"upload_in_place", true}});
  const Moved full = put(here.write("f", "text"), "/dev/full", {{"confirm", false}});
  EXPECT_THAT(full.error(), AllOf(HasSubstr("SFTP: PUT sftp://"), HasSubstr("/dev/full"), HasSubstr("(status 4")));
}

TEST_F(SftpOperatorTest, ServersThatAllowNoRenaming) {
  const tests::SftpServer strict({.settings = {"ForceCommand internal-sftp -P posix-rename,rename"}});
  connections["sftp_default"] = sftp_connection(strict);
  const std::string file = here.write("f", "1");
  EXPECT_THAT(put(file, there / "f").error(), AllOf(HasSubstr("SFTP: RENAME"), HasSubstr("permission denied")));
  EXPECT_EQ(names_in(there.path()), "") << "what was begun is taken away";
  connections["sftp_default"] = sftp_connection(strict, {{"upload_in_place", true}});
  EXPECT_EQ(put(file, there / "f").error(), "");
  EXPECT_EQ(tests::read_file(there / "f"), "1");
}

TEST_F(SftpOperatorTest, ALargeFileInConstantMemory) {
  const std::size_t size = sanitized ? 50'000'000 : 200'000'000;
  const std::string file = here / "large", back = here / "back";
  {
    std::ofstream out(file, std::ios::binary);
    std::string block(1'000'000, '\0');
    for (std::size_t i = 0; i < size / block.size(); ++i) {
      for (std::size_t j = 0; j < block.size(); j += 4096) block[j] = static_cast<char>(i * 31 + j / 4096);
      out << block;
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  const Moved sent = put(file, there / "large");
  const auto between = std::chrono::steady_clock::now();
  const Moved fetched = get(there / "large", back);
  const auto end = std::chrono::steady_clock::now();
  EXPECT_EQ(sent.error(), "");
  EXPECT_EQ(fetched.error(), "");
  EXPECT_EQ(std::filesystem::file_size(back), size);
  const auto mb_s = [&](auto time) { return static_cast<double>(size) / 1e6 / std::chrono::duration<double>(time).count(); };
  std::cout << "up " << mb_s(between - begin) << " MB/s, " << sent.peak_kib << " KiB; down " << mb_s(end - between) << " MB/s, "
            << fetched.peak_kib << " KiB\n";
  if (!sanitized) {
    EXPECT_LT(sent.peak_kib, 48 * 1024);
    EXPECT_LT(fetched.peak_kib, 48 * 1024);
  }
  EXPECT_EQ(std::system(("cmp -s " + file + " " + back).c_str()), 0);
}

TEST_F(SftpOperatorTest, KeysAreExchangedAnewOnTheWay) {
  const tests::SftpServer often({.settings = {"RekeyLimit 4M"}});
  connections["sftp_default"] = sftp_connection(often);
  std::string text(40'000'000, 'a');
  for (std::size_t i = 0; i < text.size(); i += 5) text[i] = static_cast<char>('a' + i / 5 % 26);
  EXPECT_EQ(put(here.write("f", text), there / "f").error(), "");
  EXPECT_TRUE(tests::read_file(there / "f") == text);
  EXPECT_EQ(get(there / "f", here / "back").error(), "");
  EXPECT_TRUE(tests::read_file(here / "back") == text);
}

class SftpTroubleTest : public SftpOperatorTest {
 protected:
  // A file that takes a while.
  std::string large(const tests::TestFolder& folder) {
    std::string path = folder / "large";
    std::ofstream(path) << "";
    std::filesystem::resize_file(path, 3'000'000'000);
    return path;
  }
  // Until something that is hidden grows there.
  static bool has_begun(const tests::TestFolder& folder) {
    return tests::becomes_true([&] {
      for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().filename().string().ends_with(".tmp") && entry.file_size() > 1'000'000) return true;
      }
      return false;
    });
  }
};

TEST_F(SftpTroubleTest, AConnectionThatBreaksOffInTheMiddle) {
  const std::string file = large(here), target = there.write("target", "as before");
  Running up = begin(op("put", file, target));
  std::thread cut([&] {
    EXPECT_TRUE(has_begun(there));
    server->cut_connections();
  });
  const Moved sent = finish(std::move(up));
  cut.join();
  EXPECT_THAT(sent.error(),
              MatchesRegex("SFTP: PUT sftp://.*@127.0.0.1:[0-9]+/.*: the (connection broke off|server closed).*"));
  EXPECT_EQ(tests::read_file(target), "as before");

  const tests::TestFolder received;
  Running down = begin(op("get", received / "target", file));
  std::thread cut_again([&] {
    EXPECT_TRUE(has_begun(received));
    server->cut_connections();
  });
  const Moved fetched = finish(std::move(down));
  cut_again.join();
  EXPECT_THAT(fetched.error(), MatchesRegex("SFTP: GET sftp://.*/large: the (connection broke off|server closed).*"));
  EXPECT_EQ(names_in(received.path()), "");
}

TEST_F(SftpTroubleTest, ATaskThatIsEndedLeavesNothing) {
  const std::string file = large(here), target = there.write("target", "as before");
  Running up = begin(op("put", file, target));
  const pid_t mover = up.pid;
  std::chrono::steady_clock::time_point asked;
  std::thread stop([&] {
    EXPECT_TRUE(has_begun(there));
    asked = std::chrono::steady_clock::now();
    ::kill(mover, SIGTERM);
  });
  (void)finish(std::move(up));
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);
  stop.join();
  EXPECT_EQ(tests::read_file(target), "as before");
  EXPECT_EQ(names_in(there.path()), "target");

  const tests::TestFolder received;
  Running down = begin(op("get", received / "target", file));
  const pid_t second = down.pid;
  std::thread stop_again([&] {
    EXPECT_TRUE(has_begun(received));
    ::kill(second, SIGTERM);
  });
  (void)finish(std::move(down));
  stop_again.join();
  EXPECT_EQ(names_in(received.path()), "");
}

TEST_F(SftpTroubleTest, AServerThatStandsStill) {
  connections["sftp_default"] = sftp_connection(*server, {{"cmd_timeout", 0.5}});
  const std::string file = large(here);
  Running up = begin(op("put", file, there / "target"));
  int stopped = 0;
  std::thread stop([&] {
    EXPECT_TRUE(has_begun(there));
    stopped = server->stop_connections();
  });
  const Moved sent = finish(std::move(up));
  stop.join();
  server->cut_connections();
  EXPECT_GT(stopped, 0);
  EXPECT_THAT(sent.error(), AllOf(HasSubstr("SFTP: PUT sftp://"), HasSubstr("no answer in time")));
}

}  // namespace
}  // namespace venturi::providers::testing
