#include "home/home.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/fernet.h"
#include "home/file_error.h"
#include "home/secrets.h"
#include "home/small_file.h"

namespace venturi {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

unsigned mode_of(const fs::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

std::string content_of(const fs::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

class HomeTest : public testing::Test {
 protected:
  HomeTest() {
    std::string path = (fs::temp_directory_path() / "venturi_home.XXXXXX").string();
    folder_ = ::mkdtemp(path.data());
    root_ = folder_ / "deeper" / "home";
  }
  ~HomeTest() override { fs::remove_all(folder_); }

  std::string refusal() {
    const auto home = open_home(root_);
    return home ? "accepted" : home.error().text();
  }
  // The hint's command, as a user would type it.
  static void mend(const std::string& refusal) {
    constexpr std::string_view before = "mend it with: ";
    const std::size_t begin = refusal.find(before);
    ASSERT_NE(begin, std::string::npos) << refusal;
    const std::string command = refusal.substr(begin + before.size(), refusal.size() - begin - before.size() - 1);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  fs::path folder_, root_;
};

TEST_F(HomeTest, IsMadeForItsOwnerAlone) {
  const mode_t umask_before = ::umask(0);
  const auto home = open_home(root_);
  ::umask(umask_before);
  ASSERT_TRUE(home) << home.error().text();
  EXPECT_EQ(home->root, root_);
  for (const fs::path& path : {home->root, home->run(), home->logs(), home->files(), home->dags()}) {
    EXPECT_EQ(mode_of(path), 0700U) << path;
  }
  EXPECT_TRUE(open_home(root_));
}

TEST_F(HomeTest, AStrictUmaskDoesNotSpoilIt) {
  fs::create_directory(root_.parent_path());
  const mode_t umask_before = ::umask(0777);
  const auto home = open_home(root_);
  ::umask(umask_before);
  ASSERT_TRUE(home) << home.error().text();
  EXPECT_EQ(mode_of(home->run()), 0700U);
}

TEST_F(HomeTest, OpenFoldersAreRefusedWithTheCommandThatMendsThem) {
  ASSERT_TRUE(open_home(root_));
  for (const char* name : {"", "run", "logs", "files"}) {
    for (const mode_t mode : {0755U, 0710U, 0701U, 0770U, 0500U}) {
      const fs::path path = *name == '\0' ? root_ : root_ / name;
      ::chmod(path.c_str(), mode);
      const std::string told = refusal();
      EXPECT_EQ(told, path.string() +
                          ": it must be for its owner alone: it holds passwords and keys (mend it with: chmod 700 " +
                          path.string() + ")");
      mend(told);
      EXPECT_EQ(refusal(), "accepted");
    }
  }
  ::chmod((root_ / "dags").c_str(), 0755);  // not secret, and out of reach
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(HomeTest, OpenFilesAreRefusedWithTheCommandThatMendsThem) {
  root_ = folder_ / "it's a home";
  ASSERT_TRUE(open_home(root_));
  for (const char* name : {"venturi.toml", "admin_password", "my notes"}) {
    std::ofstream(root_ / name) << "x";
    ::chmod((root_ / name).c_str(), 0644);
  }
  ::chmod((root_ / "logs").c_str(), 0755);
  std::ofstream(root_ / "dags" / "dag.cpp") << "x";
  fs::create_symlink(folder_ / "nowhere", root_ / "link");
  const std::string told = refusal();
  EXPECT_THAT(told, HasSubstr("chmod 700 "));
  EXPECT_THAT(told, HasSubstr("/it'\\''s a home/my notes'"));
  mend(told);
  EXPECT_EQ(refusal(), "accepted");
  EXPECT_EQ(mode_of(root_ / "my notes"), 0600U);
  EXPECT_EQ(mode_of(root_ / "logs"), 0700U);
}

TEST_F(HomeTest, AFileInItsPlaceIsRefused) {
  fs::create_directory(root_.parent_path());
  std::ofstream file(root_);
  EXPECT_THAT(refusal(), HasSubstr(root_.string() + ": it is a file where a folder is needed"));
  root_ /= "below";
  EXPECT_THAT(refusal(), HasSubstr("a part of the path is a file, not a folder"));
}

// As a user who is not root, whoever runs the tests.
std::string refusal_of_another_user(const fs::path& root) {
  int told[2];
  EXPECT_EQ(::pipe2(told, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(1);
    const auto home = open_home(root);
    (void)!write_all(told[1], home ? "accepted" : home.error().text());
    ::_exit(0);
  }
  ::close(told[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(told[0], text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  ::close(told[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return text;
}

TEST(HomeOfOthers, IsRefused) {
  EXPECT_THAT(refusal_of_another_user("/"), HasSubstr("/: it belongs to user root, not to "));
  EXPECT_THAT(refusal_of_another_user("/"), HasSubstr("run as that user, or set VENTURI_HOME to a folder of your own"));
  EXPECT_THAT(refusal_of_another_user("/venturi_home_of_nobody"),
              HasSubstr("/venturi_home_of_nobody: cannot make the folder: permission denied"));
  EXPECT_FALSE(fs::exists("/venturi_home_of_nobody"));
}

TEST_F(HomeTest, PathComesFromTheEnvironment) {
  const char* home = std::getenv("HOME");
  const std::string before = home == nullptr ? "" : home;
  ::setenv("VENTURI_HOME", "/srv/./x/../venturi/", 1);
  EXPECT_EQ(*home_path(), "/srv/venturi");
  ::setenv("VENTURI_HOME", "relative", 1);
  EXPECT_EQ(*home_path(), fs::current_path() / "relative");
  ::setenv("VENTURI_HOME", "", 1);
  ::setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(*home_path(), "/home/somebody/.venturi");
  ::unsetenv("HOME");
  EXPECT_EQ(home_path()->filename(), ".venturi");
  ::unsetenv("VENTURI_HOME");
  if (!before.empty()) ::setenv("HOME", before.c_str(), 1);
}

TEST_F(HomeTest, OneOwner) {
  const auto home = open_home(root_);
  auto first = try_lock(*home, home->server_socket().string());
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(first->lock);
  EXPECT_EQ(mode_of(home->lock_file()), 0600U);

  const auto second = try_lock(*home, "");
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->lock);
  EXPECT_EQ(second->owner.pid, ::getpid());
  EXPECT_EQ(second->owner.socket, (root_ / "run/server.sock").string());
  EXPECT_EQ(second->in_use(*home).text(), root_.string() + ": the home is in use by process " + std::to_string(::getpid()) +
                                              " (stop it, or set VENTURI_HOME to another folder)");
  EXPECT_EQ(second->in_use(*home).kind, ErrorKind::conflict);

  first->lock.reset();
  const auto third = try_lock(*home, "");
  ASSERT_TRUE(third->lock);
  EXPECT_THAT(try_lock(*home, "x")->in_use(*home).text(), HasSubstr("try again"));
}

// In a child, which then sleeps until it is killed. Returns when the child holds the lock.
pid_t lock_in_child(const Home& home) {
  int ready[2];
  EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto attempt = try_lock(home, "/some/socket");
    const char told = attempt && attempt->lock ? 'y' : 'n';
    (void)!::write(ready[1], &told, 1);
    while (true) ::pause();
  }
  char told = 0;
  EXPECT_EQ(::read(ready[0], &told, 1), 1);
  EXPECT_EQ(told, 'y');
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST_F(HomeTest, TheLockEndsWithItsProcess) {
  const auto home = open_home(root_);
  const pid_t child = lock_in_child(*home);
  const auto refused = try_lock(*home, "");
  EXPECT_FALSE(refused->lock);
  EXPECT_EQ(refused->owner.pid, child);
  EXPECT_EQ(refused->owner.socket, "/some/socket");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto taken = try_lock(*home, "");
  ASSERT_TRUE(taken->lock);
  EXPECT_EQ(content_of(home->lock_file()), std::to_string(::getpid()) + "\n\n");
}

TEST_F(HomeTest, AnOwnerThatIsJustWritingIsUnknown) {
  const auto home = open_home(root_);
  const auto owner = try_lock(*home, "s");
  for (const char* half : {"", "12", "12\n", "12\nhalf a pat", "x\ny\n"}) {
    std::ofstream(home->lock_file(), std::ios::trunc) << half;
    EXPECT_EQ(try_lock(*home, "")->owner.pid, 0) << half;
    EXPECT_EQ(try_lock(*home, "")->owner.socket, "") << half;
  }
}

TEST_F(HomeTest, SecretsAreMadeOnce) {
  const auto home = open_home(root_);
  const auto lock = try_lock(*home, "");
  const auto first = open_secrets(*home, *lock->lock, false);
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_TRUE(first->admin_password_is_new);
  EXPECT_EQ(first->admin_password.size(), 32U);
  EXPECT_GE(first->signing_key.size(), 43U);
  EXPECT_TRUE(Fernet::from_keys(first->fernet_keys));
  for (const char* name : {"admin_password", "signing_key", "fernet_key"}) EXPECT_EQ(mode_of(root_ / name), 0600U) << name;
  EXPECT_EQ(content_of(root_ / "admin_password"), first->admin_password + "\n");

  const auto second = open_secrets(*home, *lock->lock, true);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->admin_password_is_new);
  EXPECT_EQ(second->admin_password, first->admin_password);
  EXPECT_EQ(second->signing_key, first->signing_key);
  EXPECT_EQ(second->fernet_keys, first->fernet_keys);
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(HomeTest, SecretsThatAreBrokenOrMissing) {
  const auto home = open_home(root_);
  const auto lock = try_lock(*home, "");
  EXPECT_THAT(open_secrets(*home, *lock->lock, true).error().text(),
              HasSubstr("fernet_key: the Fernet key is missing, and the database holds values"));
  ASSERT_TRUE(open_secrets(*home, *lock->lock, false));

  std::ofstream(root_ / "fernet_key", std::ios::trunc) << "hunter2\n";
  const std::string told = open_secrets(*home, *lock->lock, true).error().text();
  EXPECT_THAT(told, HasSubstr("fernet_key: key 1 is not 32 bytes in url-safe base64"));
  EXPECT_THAT(told, testing::Not(HasSubstr("hunter2")));

  std::ofstream(root_ / "fernet_key", std::ios::trunc) << "\n";
  EXPECT_EQ(open_secrets(*home, *lock->lock, true).error().kind, ErrorKind::corrupt);

  std::ofstream(root_ / "fernet_key", std::ios::trunc) << Fernet::generate_key() << "," << Fernet::generate_key() << "\n";
  std::ofstream(root_ / "admin_password.new") << "of a start that was killed";
  fs::remove(root_ / "admin_password");
  EXPECT_TRUE(open_secrets(*home, *lock->lock, true)->admin_password_is_new);
  EXPECT_FALSE(fs::exists(root_ / "admin_password.new"));
}

// The file size limit stands in for a full disk: write() fails half-way, with another errno.
TEST_F(HomeTest, AFailedWriteLeavesTheOldFile) {
  ASSERT_TRUE(open_home(root_));
  const fs::path path = root_ / "file";
  ASSERT_TRUE(write_private_file(path, "old"));
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  auto* handler_before = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto written = write_private_file(path, std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler_before);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().text(), HasSubstr(path.string() + ": cannot write the file: "));
  EXPECT_EQ(content_of(path), "old");
  EXPECT_FALSE(fs::exists(path.string() + ".new"));
}

TEST(FileError, TellsWhatToDo) {
  const auto text = [](int code) { return file_error(code, "cannot write the file", "/h/f").text(); };
  EXPECT_EQ(text(EROFS),
            "/h/f: cannot write the file: the file system is read-only (set VENTURI_HOME to a folder on a file system that can "
            "be written)");
  EXPECT_EQ(text(ENOSPC), "/h/f: cannot write the file: the disk is full (see what is left with: df -h /h)");
  EXPECT_EQ(text(EACCES), "/h/f: cannot write the file: permission denied (look at its owner with: ls -ld /h/f)");
  EXPECT_EQ(text(EDQUOT), "/h/f: cannot write the file: the disk quota of this user is used up");
  EXPECT_EQ(text(EIO), "/h/f: cannot write the file: Input/output error");
  EXPECT_EQ(file_error(ENOSPC, "", "").kind, ErrorKind::exhausted);
  EXPECT_EQ(file_error(EROFS, "", "").kind, ErrorKind::denied);
}

TEST(FileError, ShellWords) {
  EXPECT_EQ(shell_word("/home/me/.venturi"), "/home/me/.venturi");
  EXPECT_EQ(shell_word("/a b"), "'/a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("$x"), "'$x'");
}

}  // namespace
}  // namespace venturi
