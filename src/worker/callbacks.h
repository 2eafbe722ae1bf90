// Callbacks and notifiers that the server owes (RunCallback): notifiers run in the operator host, functions of a DAG program
// in a process of it. One result goes back when all of an entry's parts are done.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "venturi/value.h"
#include "worker/operator_host.h"

namespace venturi::worker {

class Callbacks {
 public:
  struct Events {
    // Starts the process for the function; an error text where that cannot be.
    std::function<std::string(std::int64_t no, const Value& body)> start_function;
    std::function<void(std::int64_t frame, const Value& result)> send_result;
  };

  Callbacks(OperatorHost& host, Events events) : host_(host), events_(std::move(events)) {}

  // `frame` is the id of the server's request. An entry that is under way already, for a server that is gone, answers this one.
  void run(std::int64_t frame, const Value& body);
  // `error` is empty when it went well.
  void function_ended(std::int64_t no, const std::string& error) { part_ended(no, error); }
  void host_died(const std::string& why);
  [[nodiscard]] bool empty() const { return running_.empty(); }

 private:
  struct Entry {
    std::int64_t frame = 0;
    int parts = 0, host_parts = 0;
    std::string error;  // the first
  };
  void run_notifier(std::int64_t no, const Value& body, const Value& notifier);
  void part_ended(std::int64_t no, const std::string& error);

  OperatorHost& host_;
  Events events_;
  std::map<std::int64_t, Entry> running_;  // by the outbox entry's number
};

// The frame that the function's process gets: DagFileParseRequest with one TaskCallbackRequest or DagCallbackRequest.
// `context` of a RunCallback may hold `ti`, `ti_context`, `dag_run`, `last_ti`, `message`; what is absent is null.
[[nodiscard]] Value callback_request(const Value& run_callback);
// What a callback or a watcher says to the server (`body` is packed), packed: CallbackMessage, WatcherMessage.
[[nodiscard]] std::string message_of(std::string_view type, std::int64_t no, std::string_view body);

}  // namespace venturi::worker
