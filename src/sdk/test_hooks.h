// The operator host of venturi/test.h: answers from a list, and a record of the calls.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sdk/comms.h"
#include "venturi/test.h"

namespace venturi::inline sdk::internal {

[[nodiscard]] Answer failed_call(const std::string& message, Object detail = {});
// What people know a call by: the SQL, "GET /orders", "read_key s3://shop/in/a.csv", the mail's subject.
[[nodiscard]] std::string what_of_call(const std::string& hook, const std::string& method, const Value& arguments);
// What kind of answers a call takes: those of SQL are the same whoever asks.
[[nodiscard]] std::string kind_of_answer(const std::string& hook);

class MadeUpHooks {
 public:
  // Both outlive it.
  MadeUpHooks(const std::vector<test::HookAnswer>& answers, std::vector<test::HookCall>& calls)
      : answers_(answers), calls_(calls) {}

  // Of a HostCall.
  [[nodiscard]] Answer answer(const Value& call);

 private:
  [[nodiscard]] const test::HookAnswer* find(const test::HookCall& call);
  [[nodiscard]] Answer postgres(const test::HookCall& call);
  [[nodiscard]] Answer http(const test::HookCall& call);
  [[nodiscard]] Answer render(const test::HookCall& call);
  // Of S3Hook and GCSHook: what is made up by test::object().
  [[nodiscard]] Answer objects(const test::HookCall& call);
  [[nodiscard]] Answer listed(const test::HookCall& call) const;
  // Of BigQueryHook and Redshift's.
  [[nodiscard]] Answer warehouse(const test::HookCall& call);
  [[nodiscard]] const test::HookAnswer* find_failure(const test::HookCall& call);
  [[nodiscard]] bool render(const Value& from, const Array& template_ext, Value& to, std::string& missing) const;
  [[nodiscard]] Answer next_page();

  const std::vector<test::HookAnswer>& answers_;
  std::vector<test::HookCall>& calls_;
  std::map<const test::HookAnswer*, int> used_;
  std::vector<Value> pages_;  // of get_pages(), the last one first
  std::int64_t last_number_ = 0, copied_lines_ = 0;
};

}  // namespace venturi::inline sdk::internal
