// Deadlines of a DAG's runs.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lanes/yaml/dag_builder.h"

namespace venturi::lanes::yaml {

std::vector<DeadlineAlert> DagBuilder::read_deadlines(Given given, const std::string& zone) {
  std::vector<DeadlineAlert> alerts;
  const auto add = [&](const YamlNode& node) {
    const std::size_t before = problems_.count();
    DeadlineAlert alert = read_deadline({given.name, node}, zone);
    if (problems_.count() == before) alerts.push_back(std::move(alert));  // else it was told with its place
  };
  if (given.node.is_sequence()) {
    for (const YamlNode* item : given.node.items) add(*item);
  } else {
    add(given.node);
  }
  return alerts;
}

DeadlineAlert DagBuilder::read_deadline(Given given, const std::string& zone) {
  DeadlineAlert alert;
  if (!given.node.is_mapping()) {
    values_.refuse(given, "a mapping", "write {interval: 1h, callback: {notifier: SmtpNotifier, to: ops@example.com}}");
    return alert;
  }
  std::string reference = "dagrun_queued_at";
  Date date;
  int max_runs = 10;
  std::optional<int> min_runs;
  for (const auto& [key, member] : given.node.members) {
    const Given one{key->text, *member};
    const Key* known = find_key(deadline_keys(), key->text);
    if (known == nullptr) {
      std::vector<std::string> names;
      add_names(names, deadline_keys());
      options_.unknown_key(*key, "a deadline", names);
    } else if (known->kind == KeyKind::text) {
      alert.name = values_.text(one).value_or("");
    } else if (known->kind == KeyKind::deadline_reference) {
      reference = values_.word(one, "reference of a deadline", deadline_reference_words()).value_or(reference);
    } else if (known->kind == KeyKind::date) {
      date = read_date(one, zone);
    } else if (known->kind == KeyKind::duration) {
      alert.interval = values_.duration(one).value_or(Duration{});
    } else if (known->kind == KeyKind::callbacks) {
      alert.callback = options_.callbacks(one);
    } else if (const auto n = values_.integer(one, known->minimum)) {
      if (known->name == "max_runs")
        max_runs = static_cast<int>(*n);
      else
        min_runs = static_cast<int>(*n);
    }
  }
  if (given.node.find("callback") == nullptr) problems_.add(given.node.mark, "a deadline needs 'callback'", "give it");
  if (reference == "dagrun_logical_date") alert.reference = DeadlineReference::dagrun_logical_date();
  if (reference == "average_runtime") alert.reference = DeadlineReference::average_runtime(max_runs, min_runs);
  if (reference == "fixed_datetime") {
    if (!given.node.find("datetime"))
      problems_.add(given.node.mark, "a deadline at a fixed_datetime needs 'datetime'", "give it");
    alert.reference = DeadlineReference::fixed_datetime(date);
  }
  return alert;
}

}  // namespace venturi::lanes::yaml
