#include "cli/user.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <iostream>

#include "cli/output.h"

namespace venturi::cli {

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(::geteuid());
}

Result<bool> ask(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0) return fail(ErrorKind::invalid, "nobody can be asked: " + question, "", "say it with --yes");
  print(question + " [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace venturi::cli
