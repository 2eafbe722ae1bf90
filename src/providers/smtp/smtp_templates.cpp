#include "providers/smtp/smtp_templates.h"

#include <algorithm>

#include "net/background.h"
#include "operators/render.h"
#include "operators/template_files.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;

bool is_missing(const Arguments& arguments, std::string_view name) {
  const Value* value = arguments.find(name);
  return value == nullptr || (value->is_string() && value->as_string().empty());
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
  const auto read = [path = std::move(path), what = std::move(what)] { return operators::read_template(path, what); };
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
