// What happens when a task or a DAG run ends: functions, and notifiers as data.
//
//   void tell(const CallbackContext& context) { context.log().warning("failed: ", context.error()); }
//
//   .on_failure_callback = tell
//   .on_failure_callback = email_to("ops@example.com")
//   .on_failure_callback = PageOnCall{.text = "{{ ti.task_id }} failed"}          // one's own: venturi/own_notifier.h
//   .on_failure_callback = {tell, SmtpNotifier{.to = {"ops@example.com"}, .subject = "orders"}}
//
// A function runs in the task's own process after its end was accepted, or, where that process is gone, in one of its own. A
// notifier is run by Venturi's operator host: it works without the program, and has nothing to do with the task's process.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "venturi/owned.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

class CallbackContext;

// A built-in notifier and its arguments.
struct Notifier {
  std::string classpath;
  Object kwargs;
};

// Airflow's SmtpNotifier; its fields are templates, rendered when something has happened. What is left out is taken from the
// connection (subject_template, html_content_template); where that has none, subject and text tell DAG, run, task, try, error
// and log.
struct SmtpNotifier {
  std::vector<std::string> to{};  // required
  std::string subject{}, text_content{}, html_content{};
  std::string from_email{};  // else that of the connection
  std::vector<std::string> cc{}, bcc{}, files{};
  std::string smtp_conn_id = "smtp_default";
  std::string mime_charset = "utf-8";
  Object custom_headers{};
  std::string mime_subtype = "mixed";  // "related" for images that html_content shows
  std::string auth_type = "basic";     // of a connection that does not say: "oauth2"
  std::string template_file{};         // Airflow's `template`: a file with the html_content, on the worker's machine

  operator Notifier() const;  // NOLINT(google-explicit-constructor): that is what it is for
};

[[nodiscard]] Notifier email_to(std::string_view address);
[[nodiscard]] Notifier email_to(std::initializer_list<std::string_view> addresses);

namespace detail {
template <class F>
void invoke_callback(const void* target, const CallbackContext& context) {
  if constexpr (std::is_empty_v<F> && std::is_default_constructible_v<F>)
    F{}(context);
  else
    (*static_cast<const F*>(target))(context);
}

// A struct with notify(const CallbackContext&).
template <class N>
concept HasNotify = std::is_class_v<N> && requires(N& notifier, const CallbackContext& context) { notifier.notify(context); };
template <class N>
struct IsNotifier {
  static constexpr bool is_known = false;
};
// In place of what venturi/own_notifier.h has.
template <class N>
struct OwnNotifier {
  static void invoke(const void*, const CallbackContext&) {
    static_assert(IsNotifier<N>::is_known, "for a notifier of your own (named before): #include <venturi/own_notifier.h>");
  }
};

template <class F>
concept CallbackFunction =
    std::is_class_v<F> && std::invocable<const F&, const CallbackContext&> && !std::convertible_to<F, Notifier>;
}  // namespace detail

// One function or notifier.
class Callback {
 public:
  Callback(void (*function)(const CallbackContext&));
  Callback(Notifier notifier);
  Callback(const SmtpNotifier& notifier);
  template <detail::CallbackFunction F>
  Callback(F function) {
    invoke_ = detail::invoke_callback<F>;
    if constexpr (!std::is_empty_v<F> || !std::is_default_constructible_v<F>) {
      target_ = detail::Shared(new F(static_cast<F&&>(function)), detail::destroy<F>);
    }
  }
  // A notifier of one's own.
  template <detail::HasNotify N>
  Callback(N notifier) {
    invoke_ = detail::OwnNotifier<N>::invoke;
    target_ = detail::Shared(new N(static_cast<N&&>(notifier)), detail::destroy<N>);
  }
  Callback(const Callback&);
  Callback(Callback&&) noexcept;
  Callback& operator=(const Callback&);
  Callback& operator=(Callback&&) noexcept;
  ~Callback();

  [[nodiscard]] bool is_function() const { return function_ != nullptr || invoke_ != nullptr; }
  [[nodiscard]] const Notifier& notifier() const { return notifier_; }
  void operator()(const CallbackContext& context) const;

 private:
  void (*invoke_)(const void* target, const CallbackContext& context) = nullptr;
  detail::Shared target_;  // of a lambda with captures
  void (*function_)(const CallbackContext&) = nullptr;
  Notifier notifier_;
};

// One or several. Given anywhere, even empty, it replaces what default_args say.
class Callbacks {
 public:
  Callbacks() noexcept;
  Callbacks(const Callbacks&);
  Callbacks(Callbacks&&) noexcept;
  Callbacks& operator=(const Callbacks&);
  Callbacks& operator=(Callbacks&&) noexcept;
  ~Callbacks();
  template <class C>
    requires std::convertible_to<C, Callback>
  Callbacks(C callback) {
    add(Callback(static_cast<C&&>(callback)));
  }
  Callbacks(std::initializer_list<Callback> callbacks);

  void add(Callback callback);
  [[nodiscard]] const std::vector<Callback>& list() const { return list_; }
  [[nodiscard]] bool is_given() const { return is_given_; }

 private:
  std::vector<Callback> list_;
  bool is_given_ = false;
};

}  // namespace venturi::inline sdk
