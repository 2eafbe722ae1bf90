#include "servers/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

extern char** environ;

namespace venturi::tests {
namespace {

constexpr auto patience = std::chrono::seconds(20);

[[noreturn]] void failed(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

ServerProcess::ServerProcess(const ServerProgram& program) {
  if (::access(program.program.c_str(), X_OK) != 0) {
    throw std::runtime_error("no " + program.program + " (install it: apt-get install " + program.package + ")");
  }
  std::vector<std::string> arguments{program.program};
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  for (const auto& [name, value] : program.environment) environment.push_back(name + "=" + value);
  const auto argument_list = pointers(arguments), environment_list = pointers(environment);

  const passwd* user = nullptr;
  if (!program.user.empty() && ::geteuid() == 0) {
    user = ::getpwnam(program.user.c_str());
    if (user == nullptr)
      throw std::runtime_error("no user " + program.user + " (install it: apt-get install " + program.package + ")");
  }
  Fd output(::open(program.output_file.empty() ? "/dev/null" : program.output_file.c_str(),
                   O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!output) failed("open " + program.output_file);
  std::pair<Fd, Fd> pipe;
  if (program.reads_lines) pipe = make_pipe();
  const int out = program.reads_lines ? pipe.second.get() : program.output_file.empty() ? 2 : output.get();
  const int err = program.output_file.empty() ? 2 : output.get();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) failed("fork");
  if (pid_ == 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    if (null < 0) ::_exit(126);
    ::dup2(null, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    ::setpgid(0, 0);
    if (user != nullptr &&
        (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
      ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, program.parent_death_signal);  // after setuid, which clears it
    if (::getppid() != parent) ::_exit(126);
    ::execve(program.program.c_str(), argument_list.data(), environment_list.data());
    ::_exit(127);
  }
  lines_ = std::move(pipe.first);
}

ServerProcess::~ServerProcess() {
  if (has_ended()) return;
  signal(SIGCONT);
  signal(SIGTERM);
  if (!becomes_true([this] { return has_ended(); }, std::chrono::seconds(5))) end(SIGKILL);
}

std::string ServerProcess::read_line() {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (const auto feed = buffer_.find('\n'); feed != std::string::npos) {
      std::string line = buffer_.substr(0, feed);
      buffer_.erase(0, feed + 1);
      return line;
    }
    pollfd ready{lines_.get(), POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0)
      throw std::runtime_error("the server said nothing in time");
    char bytes[4096];
    const ssize_t n = ::read(lines_.get(), bytes, sizeof bytes);
    if (n <= 0) throw std::runtime_error("the server ended at its start");
    buffer_.append(bytes, static_cast<std::size_t>(n));
  }
}

bool ServerProcess::has_ended() {
  if (!ended_ && ::waitpid(pid_, nullptr, WNOHANG) == pid_) ended_ = true;
  return ended_;
}

void ServerProcess::signal(int number) const {
  ::kill(pid_, number);
}

void ServerProcess::end(int number) {
  if (has_ended()) return;
  signal(number);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
  ended_ = true;
}

int free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    failed("a free port");
  }
  return ::ntohs(address.sin_port);
}

bool becomes_true(const std::function<bool()>& condition, std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

TestFolder::TestFolder() {
  // Not below a home folder: a server that runs as another user has to get there.
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/venturi_test_XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) failed("mkdtemp " + path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::write(const std::string& name, const std::string& content) const {
  const std::string path = path_ + "/" + name;
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) failed("write " + path);
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace venturi::tests
