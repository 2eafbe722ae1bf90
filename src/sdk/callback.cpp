#include "venturi/callback.h"

namespace venturi::inline sdk {
namespace {

constexpr std::string_view smtp_notifier = "venturi.notifiers.smtp.SmtpNotifier";

Value list_of(const std::vector<std::string>& texts) {
  Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

}  // namespace

SmtpNotifier::operator Notifier() const {
  Object kwargs{{"to", list_of(to)}};
  const auto add = [&kwargs](std::string_view name, Value value) { kwargs.add(std::string(name), std::move(value)); };
  if (!subject.empty()) add("subject", subject);
  if (!text_content.empty()) add("text_content", text_content);
  if (!html_content.empty()) add("html_content", html_content);
  if (!from_email.empty()) add("from_email", from_email);
  if (!cc.empty()) add("cc", list_of(cc));
  if (!bcc.empty()) add("bcc", list_of(bcc));
  if (!files.empty()) add("files", list_of(files));
  add("smtp_conn_id", smtp_conn_id);
  add("mime_charset", mime_charset);
  if (!custom_headers.empty()) add("custom_headers", custom_headers);
  if (mime_subtype != "mixed") add("mime_subtype", mime_subtype);
  if (auth_type != "basic") add("auth_type", auth_type);
  if (!template_file.empty()) add("template", template_file);
  return {std::string(smtp_notifier), std::move(kwargs)};
}

Notifier email_to(std::string_view address) {
  return email_to({address});
}

Notifier email_to(std::initializer_list<std::string_view> addresses) {
  SmtpNotifier notifier;
  for (const std::string_view address : addresses) notifier.to.emplace_back(address);
  return notifier;
}

Callback::Callback(void (*function)(const CallbackContext&)) : function_(function) {}
Callback::Callback(Notifier notifier) : notifier_(std::move(notifier)) {}
Callback::Callback(const SmtpNotifier& notifier) : notifier_(notifier) {}
Callback::Callback(const Callback&) = default;
Callback::Callback(Callback&&) noexcept = default;
Callback& Callback::operator=(const Callback&) = default;
Callback& Callback::operator=(Callback&&) noexcept = default;
Callback::~Callback() = default;

void Callback::operator()(const CallbackContext& context) const {
  if (function_ != nullptr)
    function_(context);
  else if (invoke_ != nullptr)
    invoke_(target_.get(), context);
}

Callbacks::Callbacks() noexcept = default;
Callbacks::Callbacks(const Callbacks&) = default;
Callbacks::Callbacks(Callbacks&&) noexcept = default;
Callbacks& Callbacks::operator=(const Callbacks&) = default;
Callbacks& Callbacks::operator=(Callbacks&&) noexcept = default;
Callbacks::~Callbacks() = default;
Callbacks::Callbacks(std::initializer_list<Callback> callbacks) : list_(callbacks), is_given_(true) {}

void Callbacks::add(Callback callback) {
  list_.push_back(std::move(callback));
  is_given_ = true;
}

}  // namespace venturi::inline sdk
