// Prints what is made from the table of commands:
//
//   venturi_cli_reference                    docs/reference/cli.md
//   venturi_cli_reference man FOLDER         manual pages into the folder; their date is $SOURCE_DATE_EPOCH, or today
//   venturi_cli_reference completion SHELL   the script for bash, zsh or fish
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"

namespace {

std::string date() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t at = epoch == nullptr ? std::time(nullptr) : std::strtoll(epoch, nullptr, 10);
  std::tm parts{};
  std::array<char, 16> text{};
  ::gmtime_r(&at, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

bool write_pages(const std::string& folder) {
  for (const venturi::cli::ManualPage& page : venturi::cli::manual_pages(date())) {
    std::ofstream file(folder + "/" + page.file, std::ios::binary);
    if (!(file << page.text << std::flush))
      return std::fprintf(stderr, "cannot write %s/%s\n", folder.c_str(), page.file.c_str()), false;
  }
  return true;
}

bool print_all(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  if (argc == 3 && std::string_view(words[1]) == "man") return write_pages(words[2]) ? 0 : 1;
  if (argc == 3 && std::string_view(words[1]) == "completion")
    return print_all(venturi::cli::completion_script(words[2])) ? 0 : 1;
  return print_all(venturi::cli::cli_reference()) ? 0 : 1;
}
