#include "providers/smtp/smtp_templates.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/fd.h"
#include "net/background.h"
#include "operators/outcome.h"
#include "operators/render.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;

constexpr std::size_t most_template = 4UL << 20U;

bool is_missing(const Arguments& arguments, std::string_view name) {
  const Value* value = arguments.find(name);
  return value == nullptr || (value->is_string() && value->as_string().empty());
}

std::string errno_text(const std::string& what, const std::string& path) {
  return fmt::format("the {} {} cannot be read: {}", what, path, std::strerror(errno));
}

// Blocks. Throws TaskFailed.
std::string read_text(const std::string& path, const std::string& what) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about{};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) throw TaskFailed(errno_text(what, path));
  if (!S_ISREG(about.st_mode)) throw TaskFailed(fmt::format("the {} {} is no file", what, path));
  if (static_cast<std::size_t>(about.st_size) > most_template)
    throw TaskFailed(
        fmt::format("the {} {} has more than the {} MiB that a template may have", what, path, most_template >> 20U));
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw TaskFailed(errno_text(what, path));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

std::string on_one_line_of(std::string text) {
  std::erase(text, '\n');
  const std::size_t begin = text.find_first_not_of(" \t\r\f\v");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\f\v") - begin + 1);
}

bool wants_content(const SmtpSettings& settings, const Arguments& arguments) {
  return !settings.html_content_template.empty() && is_missing(arguments, "html_content") &&
         is_missing(arguments, "text_content");
}

// `owner` renders: a try or a notification.
template <class Owner>
asio::awaitable<void> take_and_render(Owner& owner, const SmtpSettings& settings, Arguments& arguments) {
  if (is_missing(arguments, "from_email") && !settings.from_email.empty())
    arguments.set("from_email", co_await operators::render_text(owner, "from_email", settings.from_email));
  if (is_missing(arguments, "subject") && !settings.subject_template.empty()) {
    std::string text = co_await read_mail_template(settings.subject_template, "subject_template", true);
    arguments.set("subject", co_await operators::render_text(owner, "subject_template", std::move(text)));
  }
  if (wants_content(settings, arguments)) {
    std::string text = co_await read_mail_template(settings.html_content_template, "html_content_template", true);
    arguments.set("html_content", co_await operators::render_text(owner, "html_content_template", std::move(text)));
  }
}

}  // namespace

asio::awaitable<std::string> read_mail_template(std::string path, std::string what, bool on_one_line) {
  const auto read = [path = std::move(path), what = std::move(what)] { return read_text(path, what); };
  std::string text = co_await net::in_background(read);
  co_return on_one_line ? on_one_line_of(std::move(text)) : std::move(text);
}

asio::awaitable<void> take_from_connection(operators::OperatorTry& t, const SmtpSettings& settings, Arguments& arguments) {
  co_await take_and_render(t, settings, arguments);
}

asio::awaitable<void> take_from_connection(operators::Notification& n, const SmtpSettings& settings, Arguments& arguments) {
  co_await take_and_render(n, settings, arguments);
}

asio::awaitable<void> take_from_connection(const SmtpSettings& settings, Arguments& arguments) {
  if (is_missing(arguments, "from_email") && !settings.from_email.empty()) arguments.set("from_email", settings.from_email);
  if (is_missing(arguments, "subject") && !settings.subject_template.empty())
    arguments.set("subject", co_await read_mail_template(settings.subject_template, "subject_template", false));
  if (wants_content(settings, arguments))
    arguments.set("html_content", co_await read_mail_template(settings.html_content_template, "html_content_template", false));
}

}  // namespace venturi::providers
