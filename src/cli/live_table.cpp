#include "cli/live_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "cli/output.h"

namespace venturi::cli {
namespace {

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

// The first `columns` characters of a line.
std::string_view cut(std::string_view line, std::size_t columns) {
  std::size_t i = 0;
  for (; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80U) continue;
    if (columns-- == 0) break;
  }
  return line.substr(0, i);
}

}  // namespace

bool LiveTable::fits(std::size_t lines) {
  return ::isatty(STDOUT_FILENO) == 1 && terminal_size().ws_row > lines + 1;
}

void LiveTable::draw(std::string_view text) {
  const std::size_t columns = std::max<std::size_t>(terminal_size().ws_col, 20);
  std::string out = lines_ == 0 ? "" : "\x1b[" + std::to_string(lines_) + "A\x1b[J";
  lines_ = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += cut(text.substr(0, end), columns);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
    ++lines_;
  }
  print(out);
}

void LiveTable::clear() {
  if (lines_ != 0) print("\x1b[" + std::to_string(lines_) + "A\x1b[J");
  lines_ = 0;
}

}  // namespace venturi::cli
