// What does not answer - a name server, a disk - and what is large must not hold up the operator host's loop: everybody else's
// waits stay on time. Against the program itself, with a name server and a file system that are silent.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "providers/testing/host_program.h"
#include "servers/http_server.h"
#include "servers/smtp_server.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::chrono::milliseconds on_time{1500};  // of a wait that takes a millisecond: the machine may be busy

class LoopWatchTest : public ::testing::Test {
 protected:
  ~LoopWatchTest() override {
    worker.hang_up();
    if (pid > 0) ::waitpid(pid, nullptr, 0);
  }
  // Its stderr goes to a file; `prepare` runs in the new process.
  void start(const std::function<bool()>& prepare = [] { return true; }) {
    const Fd theirs = worker.host_end();
    const Fd err(::open((folder / "stderr").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    pid = ::fork();
    if (pid != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(theirs.get(), 0);
    ::dup2(err.get(), 2);
    if (prepare()) ::execl(OPERATORS_PROGRAM, OPERATORS_PROGRAM, "--venturi-warm", nullptr);
    ::_exit(127);
  }
  static Value connection(const std::string& type, const std::string& host, int port, const Object& extra = {}) {
    return Object{{"type", "ConnectionResult"},
                  {"conn_id", "c"},
                  {"conn_type", type},
                  {"host", host},
                  {"schema", nullptr},
                  {"login", nullptr},
                  {"password", nullptr},
                  {"port", port},
                  {"extra", to_json(Value(extra))}};
  }
  std::int64_t begin(Object op, bool is_command = false) {
    if (is_command)
      worker.start_command(++sequence, std::move(op));
    else
      worker.start(++sequence, std::move(op));
    return sequence;
  }
  std::string error_of(std::int64_t n) { return worker.exit(n).get_string("error"); }
  // Others come and go meanwhile, one after the other.
  void expect_others_on_time() {
    for (int i = 0; i < 20; ++i) {
      const auto since = Clock::now();
      EXPECT_EQ(error_of(begin({{"task_type", "ConstantOperator"}, {"value", 1}})), "");
      EXPECT_LT(Clock::now() - since, on_time);
    }
  }
  void cancel_all(const std::vector<std::int64_t>& tries) {
    const auto since = Clock::now();
    for (const std::int64_t n : tries) worker.cancel(n);
    for (const std::int64_t n : tries) EXPECT_EQ(worker.exit(n).get_string("kind"), "killed");
    EXPECT_LT(Clock::now() - since, std::chrono::seconds(2) + on_time);
  }
  [[nodiscard]] std::string said() const { return tests::read_file(folder / "stderr"); }

  tests::TestFolder folder;
  operators::testing::FakeWorker worker;
  pid_t pid = 0;
  std::int64_t sequence = 0;
};

// A mount namespace of one's own takes CAP_SYS_ADMIN, which root does not have in every container.
bool can_unshare() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWNS) == 0 ? 0 : 1);
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

// Takes questions and never answers one.
class SilentNameServer {
 public:
  SilentNameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto number = static_cast<unsigned>(::getpid());
    address_ = "127.7." + std::to_string(number / 256 % 256) + "." + std::to_string(1 + number % 250);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(53);
    ::inet_pton(AF_INET, address_.c_str(), &at.sin_addr);
    is_there = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  }
  [[nodiscard]] std::string configuration() const { return "nameserver " + address_ + "\noptions timeout:30 attempts:1\n"; }
  [[nodiscard]] bool was_asked() const {
    pollfd ready{socket_.get(), POLLIN, 0};
    return ::poll(&ready, 1, 20'000) == 1;
  }
  bool is_there = false;

 private:
  Fd socket_;
  std::string address_;
};

TEST_F(LoopWatchTest, ANameServerThatDoesNotAnswerHoldsUpNobodyElse) {
  const SilentNameServer server;
  if (!server.is_there || !can_unshare()) GTEST_SKIP() << "needs root: a name server of its own, on port 53";
  const std::string configuration = folder.write("resolv.conf", server.configuration());
  start([&] {
    return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount(configuration.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0;
  });
  tests::SmtpServer smtp;
  const Object plain{{"disable_ssl", true}, {"disable_tls", true}, {"from_email", "etl@firm.example"}};
  worker.connections["mail"] = connection("smtp", "localhost", smtp.port(), plain);
  worker.connections["slow_mail"] = connection("smtp", "mail.firm.example", 25, plain);
  worker.connections["slow_http"] = connection("http", "api.firm.example", 80);
  worker.connections["slow_db"] = connection("postgres", "db.firm.example", 5432);
  const auto mail = [&](const char* conn_id) {
    return begin(
        {{"task_type", "EmailOperator"}, {"conn_id", conn_id}, {"to", "a@b.example"}, {"subject", "s"}, {"html_content", "x"}});
  };
  std::vector<std::int64_t> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(mail("slow_mail"));
    slow.push_back(begin({{"task_type", "HttpOperator"}, {"http_conn_id", "slow_http"}, {"endpoint", "x"}}));
    slow.push_back(begin({{"task_type", "SQLExecuteQueryOperator"}, {"conn_id", "slow_db"}, {"sql", "SELECT 1"}}));
  }
  for (const std::int64_t n : slow) worker.message(n, "GetConnection");
  ASSERT_TRUE(server.was_asked());
  const auto since = Clock::now();
  EXPECT_EQ(error_of(mail("mail")), "") << "one whose host is known";
  EXPECT_LT(Clock::now() - since, std::chrono::seconds(10));
  expect_others_on_time();
  cancel_all(slow);
  EXPECT_THAT(said(), Not(HasSubstr("did not stop")));
}

// A file system (FUSE) whose other end never says a word: whoever touches it waits until it is gone.
class DeadDisk {
 public:
  explicit DeadDisk(std::string path) : path_(std::move(path)), device_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    std::filesystem::create_directory(path_);
    const std::string options = "fd=" + std::to_string(device_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    is_there = device_ && ::mount("dead", path_.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
  }
  ~DeadDisk() {
    device_.reset();
    if (is_there) ::umount2(path_.c_str(), MNT_DETACH);
  }
  DeadDisk(const DeadDisk&) = delete;
  DeadDisk& operator=(const DeadDisk&) = delete;
  bool is_there = false;

 private:
  std::string path_;
  Fd device_;
};

TEST_F(LoopWatchTest, ADiskThatDoesNotAnswerHoldsUpNobodyElse) {
  const std::string disk = folder / "disk";
  auto dead = std::make_unique<DeadDisk>(disk);
  if (!dead->is_there) GTEST_SKIP() << "needs root and /dev/fuse: a file system that does not answer";
  const tests::HttpServer server;
  tests::SmtpServer smtp;
  worker.connections["http_default"] = connection("http", "127.0.0.1", server.port());
  worker.connections["smtp_default"] = connection(
      "smtp", "127.0.0.1", smtp.port(), {{"disable_ssl", true}, {"disable_tls", true}, {"from_email", "etl@firm.example"}});
  start();
  std::vector<std::int64_t> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(begin({{"task_type", "BashOperator"}, {"bash_command", "true"}, {"cwd", disk}}, true));
    waiting.push_back(begin({{"task_type", "EmailOperator"},
                             {"to", "a@b.example"},
                             {"subject", "s"},
                             {"html_content", "x"},
                             {"files", disk + "/file"}}));
    waiting.push_back(begin({{"task_type", "FileSensor"}, {"filepath", disk + "/file"}}));
    waiting.push_back(begin({{"task_type", "HttpToFileOperator"}, {"endpoint", "zeros/10"}, {"path", disk + "/file"}}));
  }
  for (const std::int64_t n : waiting) worker.wait([&](const task::Frame& f) { return f.id == -n; }, "a start");
  expect_others_on_time();
  EXPECT_EQ(error_of(begin({{"task_type", "BashOperator"}, {"bash_command", "pwd"}}, true)), "");
  EXPECT_EQ(error_of(begin({{"task_type", "HttpToFileOperator"}, {"endpoint", "zeros/10"}, {"path", folder / "file"}})), "");
  cancel_all(waiting);
  // Back again, or gone for good: what waited in vain leaves nothing behind.
  const std::int64_t one = begin({{"task_type", "BashOperator"}, {"bash_command", "true"}, {"cwd", disk}}, true);
  worker.wait([&](const task::Frame& f) { return f.id == -one; }, "a start");
  dead.reset();
  // It ends: with the disk's error, or in the folder below, where it had not looked before.
  EXPECT_THAT(error_of(one), AnyOf(HasSubstr("disk"), IsEmpty()));
}

TEST_F(LoopWatchTest, LargeAnswersHoldUpNobodyElse) {
  const tests::HttpServer server;
  worker.connections["http_default"] = connection("http", "127.0.0.1", server.port());
  start();
  const std::int64_t file =
      begin({{"task_type", "HttpToFileOperator"}, {"endpoint", "zeros/100000000"}, {"path", folder / "file"}});
  const std::int64_t refused = begin({{"task_type", "HttpOperator"}, {"endpoint", "zeros/100000000"}, {"method", "GET"}});
  const std::int64_t taken = begin({{"task_type", "HttpOperator"}, {"endpoint", "zeros/10000000"}, {"method", "GET"}});
  expect_others_on_time();
  EXPECT_THAT(error_of(refused), HasSubstr("is too large"));
  EXPECT_EQ(error_of(taken), "");
  expect_others_on_time();
  EXPECT_EQ(error_of(file), "");
  EXPECT_EQ(std::filesystem::file_size(folder / "file"), 100'000'000U);
}

}  // namespace
}  // namespace venturi::providers::testing
