#include "cli/user.h"

#include <pwd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <optional>

#include "cli/output.h"

namespace venturi::cli {

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(::geteuid());
}

Result<void> confirm(const Arguments& arguments, const std::string& question) {
  if (arguments.has("yes")) return {};
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(ErrorKind::invalid, "stdin is no terminal, so nobody can be asked: " + question, "", "say it with --yes");
  }
  print(question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return fail(ErrorKind::invalid, "cancelled, nothing was changed");
}

namespace {

constexpr char interrupt = '\x03';  // Ctrl-C

// What is typed does not show. Ctrl-C ends a line, as Enter does, so that the terminal is always put back.
class SilentTerminal {
 public:
  SilentTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_cc[VEOL] = interrupt;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  // Nothing where Ctrl-C ended it.
  static std::optional<std::string> line(const std::string& prompt) {
    print_note(prompt);
    std::string text;
    for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n'; text += c) {
      if (c == interrupt) return std::nullopt;
    }
    return text;
  }

 private:
  termios before_{};
  bool is_terminal_;
};

}  // namespace

Result<std::string> ask_secret(const std::string& what) {
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(ErrorKind::invalid, "stdin is no terminal, so nobody can be asked: " + what, "",
                "give --password - and the password on stdin, or --use-random-password");
  }
  const SilentTerminal terminal;
  const auto text = SilentTerminal::line(what + ", which does not show:");
  const auto again = text ? SilentTerminal::line("Once more:") : std::nullopt;
  if (!again) return fail(ErrorKind::invalid, "cancelled, nothing was changed");
  if (*again != *text) return fail(ErrorKind::invalid, "the two differ, nothing was changed");
  return *text;
}

}  // namespace venturi::cli
