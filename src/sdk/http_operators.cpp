#include "venturi/http.h"

#include "sdk/sensor_fields.h"

namespace venturi::inline sdk {

namespace detail {

TaskNode& add_operator(GroupNode& group, const HttpOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "HttpOperator", op.task_id, options)
      .field("http_conn_id", op.http_conn_id)
      .field("endpoint", op.endpoint)
      .field("method", op.method)
      .field("data", op.data)
      .field("headers", op.headers)
      .field("extra_options", op.extra_options)
      .field("request_kwargs", op.request_kwargs)
      .field("log_response", op.log_response)
      .field("retry_args", op.retry_args)
      .field("pagination", op.pagination)
      .field("response_check", op.response_check)
      .field("response_filter", op.response_filter)
      .field("deferrable", op.deferrable)
      .templates({"endpoint", "data", "headers", "http_conn_id"})
      .node();
}

TaskNode& add_operator(GroupNode& group, const HttpSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "HttpSensor", op.task_id, options);
  fields.field("http_conn_id", op.http_conn_id)
      .required("endpoint", op.endpoint)
      .field("method", op.method)
      .field("request_params", op.request_params)
      .field("request_kwargs", op.request_kwargs)
      .field("headers", op.headers)
      .field("extra_options", op.extra_options)
      .field("response_check", op.response_check)
      .field("response_error_codes_allowlist", op.response_error_codes_allowlist)
      .templates({"endpoint", "request_params", "headers", "http_conn_id"});
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const HttpToFileOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "HttpToFileOperator", op.task_id, options);
  fields.field("http_conn_id", op.http_conn_id)
      .required("endpoint", op.endpoint)
      .field("method", op.method)
      .field("data", op.data)
      .field("headers", op.headers)
      .field("extra_options", op.extra_options)
      .field("path", op.path)
      .field("file_name", op.file_name)
      .field("sha256", op.sha256)
      .field("max_bytes", op.max_bytes)
      .field("retry_args", op.retry_args)
      .templates({"endpoint", "data", "headers", "http_conn_id", "path", "file_name", "sha256"});
  if (op.path.is_given() && op.file_name.is_given())
    add_mistake(fields.node(), "HttpToFileOperator takes either .path or .file_name: take one away");
  return fields.node();
}

}  // namespace detail

namespace {

void add_text(Object& kwargs, std::string_view name, const std::string& text) {
  if (!text.empty()) kwargs.add(std::string(name), text);
}
void add_seconds(Object& kwargs, const Option<Duration>& timeout) {
  if (timeout) kwargs.add("timeout", detail::seconds_of(*timeout));
}

}  // namespace

SlackWebhookNotifier::operator Callback() const {
  Object kwargs{{"slack_webhook_conn_id", slack_webhook_conn_id}};
  add_text(kwargs, "text", text);
  if (!blocks.empty()) kwargs.add("blocks", blocks);
  if (!attachments.empty()) kwargs.add("attachments", attachments);
  if (unfurl_links) kwargs.add("unfurl_links", *unfurl_links);
  if (unfurl_media) kwargs.add("unfurl_media", *unfurl_media);
  add_seconds(kwargs, timeout);
  add_text(kwargs, "proxy", proxy);
  return Notifier{"venturi.notifiers.slack.SlackWebhookNotifier", std::move(kwargs)};
}

TeamsWebhookNotifier::operator Callback() const {
  Object kwargs{{"teams_webhook_conn_id", teams_webhook_conn_id}};
  add_text(kwargs, "title", title);
  add_text(kwargs, "text", text);
  if (!card.empty()) kwargs.add("card", card);
  add_seconds(kwargs, timeout);
  add_text(kwargs, "proxy", proxy);
  return Notifier{"venturi.notifiers.teams.TeamsWebhookNotifier", std::move(kwargs)};
}

HttpNotifier::operator Callback() const {
  Object kwargs{{"http_conn_id", http_conn_id}, {"method", method}};
  add_text(kwargs, "endpoint", endpoint);
  if (!data.is_null()) kwargs.add("data", data);
  if (!json.is_null()) kwargs.add("json", json);
  if (!headers.empty()) kwargs.add("headers", headers);
  if (!extra_options.empty()) kwargs.add("extra_options", extra_options);
  return Notifier{"venturi.notifiers.http.HttpNotifier", std::move(kwargs)};
}

Callback slack_to(std::string_view slack_webhook_conn_id) {
  return SlackWebhookNotifier{.slack_webhook_conn_id = std::string(slack_webhook_conn_id)};
}
Callback teams_to(std::string_view teams_webhook_conn_id) {
  return TeamsWebhookNotifier{.teams_webhook_conn_id = std::string(teams_webhook_conn_id)};
}
Callback webhook_to(std::string_view http_conn_id, std::string_view endpoint) {
  return HttpNotifier{.endpoint = std::string(endpoint), .http_conn_id = std::string(http_conn_id)};
}

}  // namespace venturi::inline sdk
