// What a notifier writes when it was given no text: which task of which DAG and run came to what, in which try, why, and where
// its log lies.
#pragma once

#include <string>
#include <string_view>

#include "venturi/value.h"

namespace venturi::providers {

struct FailureMail {
  std::string headline;  // of a message: "[Venturi] DAG orders, task load failed (run manual__1)"
  std::string subject;   // of a mail, as Airflow's SmtpNotifier: filters of mail programs know it
  std::string text, html;
};

// `context` is the one of RunNotifier: `ti`, `ti_context`, `dag_run`, and beside them or in `ti` `state`, `error` (or
// `message`), `log_path` (or `log_url`), `hostname`. What it lacks is read from the outbox entry's key,
// "dag/run/task/map index/try/event", or left out.
[[nodiscard]] FailureMail failure_mail(const Value& context, std::string_view key);

}  // namespace venturi::providers
