#include "home/secret_value.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "base/fd.h"
#include "home/small_file.h"

extern char** environ;

namespace venturi {
namespace {

constexpr std::size_t longest = std::size_t{64} << 10;

using Clock = std::chrono::steady_clock;

// A shell in a process group of its own, which is killed where it has not ended before this does.
class StartedCommand {
 public:
  explicit StartedCommand(const std::string& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    out_ = Fd(ends[0]);
    const Fd in(ends[1]);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&files, in.get(), STDOUT_FILENO);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string shell = "sh", option = "-c", text = command;
    std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
    if (::posix_spawn(&pid_, "/bin/sh", &files, &attributes, arguments.data(), environ) != 0) pid_ = -1;
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  ~StartedCommand() {
    if (pid_ <= 0 || status_) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  StartedCommand(const StartedCommand&) = delete;
  StartedCommand& operator=(const StartedCommand&) = delete;

  [[nodiscard]] bool is_started() const { return pid_ > 0; }
  // What it prints, up to a bit more than `longest`; nothing where it goes on for longer.
  [[nodiscard]] std::optional<std::string> output(Clock::time_point until) {
    std::string text;
    std::array<char, 4096> piece{};
    while (text.size() <= longest) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      pollfd waited{out_.get(), POLLIN, 0};
      const int ready = left.count() <= 0 ? 0 : ::poll(&waited, 1, static_cast<int>(left.count()));
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) return std::nullopt;
      const ssize_t got = ::read(out_.get(), piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  // As waitpid() has it; nothing where it goes on for longer.
  [[nodiscard]] std::optional<int> status(Clock::time_point until) {
    constexpr unsigned between_us = 2'000;
    for (int status = 0; !status_; ::usleep(between_us)) {
      if (::waitpid(pid_, &status, WNOHANG) == pid_)
        status_ = status;
      else if (Clock::now() >= until)
        return std::nullopt;
    }
    return status_;
  }

 private:
  pid_t pid_ = -1;
  Fd out_;
  std::optional<int> status_;
};

Result<std::string> output_of(const std::string& command, std::chrono::milliseconds limit) {
  StartedCommand started(command);
  if (!started.is_started()) return fail(ErrorKind::unavailable, "the command cannot be started", command);
  const auto until = Clock::now() + limit;
  auto out = started.output(until);
  if (out && out->size() > longest) return fail(ErrorKind::invalid, "the command prints too much for a secret", command);
  const auto status = out ? started.status(until) : std::nullopt;
  if (!status) {
    const double seconds = std::chrono::duration<double>(limit).count();
    return fail(ErrorKind::unavailable, fmt::format("the command has not ended after {} s, and was killed", seconds), command);
  }
  if (*status != 0) {
    return fail(
        ErrorKind::invalid,
        WIFEXITED(*status) ? "the command ended with " + std::to_string(WEXITSTATUS(*status)) : "the command was killed",
        command);
  }
  return *std::move(out);
}

}  // namespace

SecretName secret_name(std::string_view dotted) {
  if (dotted.ends_with("_cmd")) return {std::string(dotted.substr(0, dotted.size() - 4)), SecretForm::command};
  if (dotted.ends_with("_file")) return {std::string(dotted.substr(0, dotted.size() - 5)), SecretForm::file};
  return {std::string(dotted), SecretForm::plain};
}

Result<std::string> read_secret_value(SecretForm form, const std::string& text, std::chrono::milliseconds limit) {
  if (form == SecretForm::plain) return text;
  std::string value;
  if (form == SecretForm::command) {
    auto out = output_of(text, limit);
    if (!out) return out;
    value = std::move(*out);
  } else {
    auto content = read_small_file(text, longest);
    if (!content) return std::unexpected(std::move(content.error()));
    if (!*content) return fail(ErrorKind::not_found, "there is no such file", text);
    value = std::move(**content);
  }
  value.erase(value.find_last_not_of(" \t\r\n") + 1);
  return value;
}

}  // namespace venturi
