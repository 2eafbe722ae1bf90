#include "schedule/timetable_question.h"

#include <fmt/format.h>

#include "schedule/user_timetable.h"

namespace venturi::schedule {
namespace {

Value time_or_null(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
}

Value interval_value(const DataInterval& interval) {
  return Object{{"start", format_time(interval.start)}, {"end", format_time(interval.end)}};
}

std::optional<DataInterval> read_interval(const Value* value) {
  if (value == nullptr) return std::nullopt;
  const auto start = parse_time(value->get_string("start")), end = parse_time(value->get_string("end"));
  if (!start || !end) return std::nullopt;
  return DataInterval{*start, *end};
}

std::string text_of(const DataInterval& interval) {
  return format_time(interval.start) + " to " + format_time(interval.end);
}

std::unexpected<Error> no_answer(std::string_view class_name) {
  return fail(ErrorKind::invalid, fmt::format("the program's answer for {} cannot be read", class_name), "",
              "build the DAG program with the SDK of this Venturi");
}

// What is made of an answer has to move on: else it would be made for ever. `before`: the run in front of it in the answer.
Result<void> check_run(const std::optional<DataInterval>& last, const RunInfo* before, const RunInfo& run,
                       std::string_view class_name) {
  const std::string where = fmt::format("{}.next_dagrun_info", class_name);
  if (run.interval.end < run.interval.start) {
    return fail(ErrorKind::invalid, fmt::format("the data interval {} ends before it starts", text_of(run.interval)), where,
                "give DataInterval its start first");
  }
  if (last && run.interval.start <= last->start) {
    return fail(ErrorKind::invalid,
                fmt::format("after the data interval {} it gives {}, which does not start later", text_of(*last),
                            text_of(run.interval)),
                where, "return the interval after last_automated_data_interval, or nothing where there is none");
  }
  if (before != nullptr && run.run_after <= before->run_after) {
    return fail(ErrorKind::invalid,
                fmt::format("two runs that follow each other have the run_after {} and {}: run ids are made of it",
                            format_time(before->run_after), format_time(run.run_after)),
                where, "let run_after grow from one run to the next");
  }
  return {};
}

}  // namespace

std::string user_class_of(const Value& serialized_timetable) {
  const std::string type = serialized_timetable.get_string("__type");
  if (type.starts_with(user_timetables)) return type.substr(user_timetables.size());
  if (const Value* var = serialized_timetable.get("__var")) {
    if (const Value* beside_assets = var->get("timetable"); beside_assets != nullptr && beside_assets->is_object())
      return user_class_of(*beside_assets);
  }
  return {};
}

Value to_value(const TimetableQuestion& question) {
  if (question.about == TimetableQuestion::About::manual_interval) {
    return Object{{"about", "infer_manual_data_interval"},
                  {"now", format_time(question.now)},
                  {"run_after", format_time(question.run_after)}};
  }
  return Object{{"about", "next_dagrun_info"},
                {"now", format_time(question.now)},
                {"last", question.last ? interval_value(*question.last) : Value()},
                {"earliest", time_or_null(question.restriction.earliest)},
                {"latest", time_or_null(question.restriction.latest)},
                {"catchup", question.restriction.catchup},
                {"most", question.most},
                {"until", time_or_null(question.until)}};
}

Result<TimetableAnswer> read_answer(const TimetableQuestion& question, const Value& answer, std::string_view class_name) {
  const bool is_manual = question.about == TimetableQuestion::About::manual_interval;
  if (const std::string error = answer.get_string("error"); !error.empty()) {
    return fail(ErrorKind::invalid, error,
                fmt::format("{}.{}", class_name, is_manual ? "infer_manual_data_interval" : "next_dagrun_info"));
  }
  TimetableAnswer read;
  if (is_manual) {
    const auto interval = read_interval(answer.get("interval"));
    if (!interval) return no_answer(class_name);
    read.interval = *interval;
    if (interval->end >= interval->start) return read;
    return fail(ErrorKind::invalid, fmt::format("the data interval {} ends before it starts", text_of(*interval)),
                fmt::format("{}.infer_manual_data_interval", class_name), "give DataInterval its start first");
  }
  const Value* runs = answer.get("runs");
  if (runs == nullptr || !runs->is_array()) return no_answer(class_name);
  for (const Value& run : runs->as_array()) {
    const auto interval = read_interval(&run);
    const auto run_after = parse_time(run.get_string("run_after"));
    if (!interval || !run_after) return no_answer(class_name);
    read.runs.push_back({interval->start, *interval, *run_after});
  }
  read.is_all = answer.get_bool("is_all");
  if (read.runs.empty() && !read.is_all) return no_answer(class_name);
  std::optional<DataInterval> last = question.last;
  for (std::size_t i = 0; i < read.runs.size(); ++i) {
    auto fine = check_run(last, i == 0 ? nullptr : &read.runs[i - 1], read.runs[i], class_name);
    if (!fine && i == 0) return std::unexpected(std::move(fine.error()));
    if (!fine) {  // those before it are good; whoever needs this one asks again
      read.runs.resize(i);
      read.is_all = false;
    } else {
      last = read.runs[i].interval;
    }
  }
  return read;
}

}  // namespace venturi::schedule
