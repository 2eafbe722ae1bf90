#include "template/airflow_context.h"

namespace venturi::templates {

Value connection_request(std::string_view conn_id) {
  return Object{{"connection", conn_id}};
}

Value variable_request(std::string_view key) {
  return Object{{"variable", key}};
}

Value xcom_request(const XComRequest& request) {
  return Object{{"xcom", Object{{"dag_id", request.dag_id},
                                {"run_id", request.run_id},
                                {"task_id", request.task_id},
                                {"key", request.key},
                                {"map_index", request.map_index ? Value(*request.map_index) : Value()},
                                {"include_prior_dates", request.include_prior_dates}}}};
}

Value previous_success_request() {
  return Object{{"previous_success", true}};
}

Value question_request(Value message) {
  return Object{{"question", std::move(message)}};
}

void FetchedLookups::add(const Value& request, std::optional<Value> answer) {
  answers_.insert_or_assign(to_json(request), std::move(answer));
}

Lookup FetchedLookups::find(const Value& request) const {
  const auto found = answers_.find(to_json(request));
  if (found == answers_.end()) return {};
  if (!found->second) return {Lookup::State::absent, {}};
  return {Lookup::State::found, *found->second};
}

Lookup FetchedLookups::connection(std::string_view conn_id) const {
  return find(connection_request(conn_id));
}

Lookup FetchedLookups::variable(std::string_view key) const {
  return find(variable_request(key));
}

Lookup FetchedLookups::xcom(const XComRequest& request) const {
  return find(xcom_request(request));
}

Lookup FetchedLookups::previous_success() const {
  return find(previous_success_request());
}

Lookup FetchedLookups::question(const Value& message) const {
  return find(question_request(message));
}

std::vector<std::string> FetchedLookups::secrets() const {
  std::vector<std::string> secrets;
  for (const auto& [request, answer] : answers_) {
    if (!answer || !answer->is_object() || !request.starts_with("{\"connection\"")) continue;
    for (const char* field : {"password", "extra"}) {
      if (std::string secret = answer->get_string(field); !secret.empty()) secrets.push_back(std::move(secret));
    }
  }
  return secrets;
}

}  // namespace venturi::templates
