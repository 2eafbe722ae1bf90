#include "sdk/hook_access.h"
#include "venturi/hooks/smtp.h"

namespace venturi::inline sdk {

void SmtpHook::send_email_smtp(const Email& email) const {
  Object arguments;
  const auto add_list = [&arguments](std::string_view name, const std::vector<std::string>& list) {
    if (!list.empty()) arguments.add(std::string(name), Array(list.begin(), list.end()));
  };
  const auto add_text = [&arguments](std::string_view name, const std::string& text) {
    if (!text.empty()) arguments.add(std::string(name), text);
  };
  add_list("to", email.to);
  add_text("subject", email.subject);
  add_text("html_content", email.html_content);
  add_text("text_content", email.text_content);
  add_list("files", email.files);
  add_list("cc", email.cc);
  add_list("bcc", email.bcc);
  add_text("from_email", email.from_email);
  add_text("mime_charset", email.mime_charset);
  if (!email.custom_headers.empty()) arguments.add("custom_headers", email.custom_headers);
  add_text("mime_subtype", email.mime_subtype);
  if (email.dryrun) arguments.add("dryrun", true);
  if (auth_type_ != "basic") arguments.add("auth_type", auth_type_);
  (void)internal::call_hook(context_, "SmtpHook", "smtp", "send_email_smtp", conn_id_, std::move(arguments));
}

}  // namespace venturi::inline sdk
