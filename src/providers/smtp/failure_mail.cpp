#include "providers/smtp/failure_mail.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "template/markup.h"

namespace venturi::providers {
namespace {

struct Facts {
  std::string dag_id, run_id, task_id, try_number, tries, map_index, state, error, log, host, logical_date;
};

std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

// The first of the names that the context itself or one of its parts has.
std::string find(const Value& context, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const char* part : {"", "ti", "task_instance", "dag_run", "ti_context", "last_ti"}) {
      const Value* within = *part == '\0' ? &context : context.get(part);
      if (within == nullptr) continue;
      const Value* value = within->get(name);
      if (value != nullptr && !value->is_null() && !value->is_object() && !value->is_array()) return text_of(*value);
    }
  }
  return {};
}

// Run ids may hold slashes: the four parts at the end and the DAG at the beginning are certain.
std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> behind;
  for (int i = 0; i < 4; ++i) {
    const std::size_t slash = key.rfind('/');
    if (slash == std::string_view::npos) return {};
    behind.emplace_back(key.substr(slash + 1));
    key = key.substr(0, slash);
  }
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return {};
  return {std::string(key.substr(0, slash)), std::string(key.substr(slash + 1)), behind[3], behind[2], behind[1], behind[0]};
}

std::string state_of(const std::string& event) {
  if (event == "failure") return "failed";
  if (event == "retry") return "up_for_retry";
  return event;
}

Facts facts_of(const Value& context, std::string_view key) {
  Facts f{.dag_id = find(context, {"dag_id"}),
          .run_id = find(context, {"run_id"}),
          .task_id = find(context, {"task_id"}),
          .try_number = find(context, {"try_number"}),
          .tries = {},
          .map_index = find(context, {"map_index"}),
          .state = find(context, {"state"}),
          .error = find(context, {"error", "exception", "message", "reason"}),
          .log = find(context, {"log_url", "log_path", "log"}),
          .host = find(context, {"hostname"}),
          .logical_date = find(context, {"logical_date"})};
  // Airflow's "2 of 3": retries and the first try.
  if (const std::string max_tries = find(context, {"max_tries"}); !max_tries.empty())
    f.tries = std::to_string(std::stoll(max_tries) + 1);
  if (const auto parts = parts_of(key); !parts.empty()) {
    const auto fill = [](std::string& field, const std::string& part) {
      if (field.empty()) field = part;
    };
    fill(f.dag_id, parts[0]);
    fill(f.run_id, parts[1]);
    fill(f.task_id, parts[2]);
    if (!f.task_id.empty()) fill(f.map_index, parts[3]);
    if (!f.task_id.empty()) fill(f.try_number, parts[4]);
    // The event tells for what the message goes out; a state may be a later one.
    f.state = state_of(parts[5]);
  }
  if (find(context, {"event"}) == "deadline") f.state = "deadline";  // whatever the run's own state
  if (f.map_index == "-1") f.map_index.clear();
  return f;
}

std::string words_for(const std::string& state) {
  if (state == "failed") return "failed";
  if (state == "success") return "succeeded";
  if (state == "up_for_retry") return "failed and will be tried again";
  if (state == "skipped") return "was skipped";
  if (state == "deadline") return "missed a deadline";
  return state.empty() ? "has news" : "is " + state;
}

}  // namespace

FailureMail failure_mail(const Value& context, std::string_view key) {
  const Facts f = facts_of(context, key);
  const std::string what = words_for(f.state);
  const std::string who = f.task_id.empty() ? "DAG " + f.dag_id : fmt::format("DAG {}, task {}", f.dag_id, f.task_id);
  const std::string tries = f.tries.empty() || f.try_number.empty() ? f.try_number : f.try_number + " of " + f.tries;
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"DAG", f.dag_id},   {"Run ID", f.run_id},       {"Logical date", f.logical_date},
      {"Task", f.task_id}, {"Map index", f.map_index}, {"Try", tries},
      {"State", f.state},  {"Error", f.error},         {"Log", f.log},
      {"Host", f.host}};

  FailureMail mail;
  mail.headline = fmt::format("[Venturi] {} {} (run {})", who, what, f.run_id);
  mail.subject = fmt::format("DAG {} - {}Run ID {} in State {}", f.dag_id,
                             f.task_id.empty() ? std::string() : fmt::format("Task {} - ", f.task_id), f.run_id,
                             f.state.empty() ? "unknown" : f.state);
  mail.text = fmt::format("{} {}.\n\n", who, what);
  mail.html = fmt::format("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<p>{} {}.</p>\n<table>\n",
                          templates::escape_text(who), what);
  for (const auto& [name, value] : rows) {
    if (value.empty()) continue;
    mail.text += fmt::format("{:<13} {}\n", std::string(name) + ":", value);
    mail.html += fmt::format(
        "<tr><th align=\"left\" valign=\"top\">{}</th><td><pre style=\"margin:0;white-space:pre-wrap\">{}</pre></td></tr>\n",
        name, templates::escape_text(value));
  }
  mail.html += "</table>\n</body></html>\n";
  return mail;
}

}  // namespace venturi::providers
