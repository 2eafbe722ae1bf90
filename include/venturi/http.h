// HTTP: Airflow's HttpOperator and HttpSensor, downloads, and messages to Slack, Teams and other services.
//
//   #include <venturi/http.h>
//
//   auto orders = dag.add(HttpOperator{.task_id = "orders", .endpoint = "v1/orders", .method = "GET",
//                                      .pagination = Object{{"next_link", "/paging/next"}}, .response_filter = "/items"});
//   .on_failure_callback = slack_to("slack_default")
//
// Connections of type http: host (with or without a scheme), port, schema (the scheme), login and password (basic
// authentication); in extra options as in .extra_options, and everything else is a header. docs/providers/http.md has all of
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "venturi/callback.h"
#include "venturi/field.h"
#include "venturi/sensors.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// A call. Its XCom is the answer's text; with .pagination a list of texts; with .response_filter what that picks of the JSON.
struct HttpOperator {
  std::string task_id{};
  Field<std::string> http_conn_id{};     // "http_default"
  Field<std::string> endpoint{};         // behind the connection's URL
  Field<std::string> method{};           // "POST"
  Field<Value> data{};                   // an Object: a form, or the query of a GET; a text: the body
  Field<Texts> headers{};                // beside the connection's
  Field<Value> extra_options{};          // timeout, verify, cert, proxies, allow_redirects, max_redirects, check_response
  Field<Value> request_kwargs{};         // json, params
  Field<bool> log_response{};            // false
  Field<Value> retry_args{};             // attempts, statuses, wait, max_wait: again within the try
  Field<Value> pagination{};             // next_link, link_header or parameter; max_pages (100)
  Field<Value> response_check{};         // status_codes, json_pointer, equals, text_contains
  Field<std::string> response_filter{};  // a JSON pointer: "/items/0/id"
  Field<bool> deferrable{};              // false; true: a GET or HEAD waits deferred, without a slot
  using Result = Value;
};

// Waits until a GET is answered well: an error status fails it, but for those in the list, which are "not yet".
struct HttpSensor {
  std::string task_id{};
  Field<std::string> http_conn_id{};  // "http_default"
  Field<std::string> endpoint{};      // required
  Field<std::string> method{};        // "GET"
  Field<Value> request_params{};      // an Object
  Field<Value> request_kwargs{};      // json, params
  Field<Texts> headers{};
  Field<Value> extra_options{};
  Field<Value> response_check{};                                     // where it does not hold it is "not yet"
  Field<std::vector<std::string>> response_error_codes_allowlist{};  // "404"
  Option<bool> deferrable{};                                         // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// An answer of any size into a file, which is there as a whole or not at all. A broken download goes on where the server can.
// The XCom is the file's path.
struct HttpToFileOperator {
  std::string task_id{};
  Field<std::string> http_conn_id{};
  Field<std::string> endpoint{};  // required
  Field<std::string> method{};    // "GET"
  Field<Value> data{};
  Field<Texts> headers{};
  Field<Value> extra_options{};
  Field<std::string> path{};        // absolute, on the worker's machine; without one a file of the run,
  Field<std::string> file_name{};   // of this name: the task_id
  Field<std::string> sha256{};      // that it must have
  Field<std::int64_t> max_bytes{};  // none
  Field<Value> retry_args{};
  using Result = std::string;
};

// Airflow's SlackWebhookNotifier, over a connection of type slackwebhook. Without a text Venturi tells DAG, run, task, try,
// error and log; so do the others.
struct SlackWebhookNotifier {
  std::string text{};
  Array blocks{}, attachments{};
  Option<bool> unfurl_links{}, unfurl_media{};
  Option<Duration> timeout{};  // the connection's, or 30 s
  std::string proxy{};
  std::string slack_webhook_conn_id = "slack_default";

  operator Callback() const;  // NOLINT(google-explicit-constructor): that is what it is for
};

// Microsoft Teams. The connection's password is the webhook's URL.
struct TeamsWebhookNotifier {
  std::string title{}, text{};
  Object card{};  // a whole adaptive card instead
  Option<Duration> timeout{};
  std::string proxy{};
  std::string teams_webhook_conn_id = "teams_default";

  operator Callback() const;  // NOLINT(google-explicit-constructor)
};

// Airflow's HttpNotifier. Without .data and .json the service gets what happened as JSON.
struct HttpNotifier {
  std::string endpoint{};
  std::string method = "POST";
  Value data{}, json{};
  Object headers{}, extra_options{};
  std::string http_conn_id = "http_default";

  operator Callback() const;  // NOLINT(google-explicit-constructor)
};

[[nodiscard]] Callback slack_to(std::string_view slack_webhook_conn_id = "slack_default");
[[nodiscard]] Callback teams_to(std::string_view teams_webhook_conn_id = "teams_default");
[[nodiscard]] Callback webhook_to(std::string_view http_conn_id, std::string_view endpoint = {});

namespace detail {
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const HttpOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const HttpSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const HttpToFileOperator& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
