// Logs of tries: as JSON, or line by line as they are written. What a token continues is where the answer before it ended.
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "base/json.h"
#include "server/old_logs.h"
#include "server/run_paths.h"

namespace venturi::api {
namespace {

// Bytes of one answer as JSON; a try whose log has more goes on with the token.
constexpr std::int64_t json_page = std::int64_t{4} << 20, whole_page = std::int64_t{64} << 20;
// Of a stream: what is read at once, and what is kept of a line at most.
constexpr std::size_t stream_piece = std::size_t{256} << 10, longest_line = std::size_t{4} << 20;

enum class LogForm : std::uint8_t { json, ndjson };
LogForm log_form(const Call& call) {
  const auto begins = [&](std::string_view type) { return call.accept.starts_with(type); };
  if (call.accept.empty() || begins("*/*") || begins("application/json")) return LogForm::json;
  if (begins("application/x-ndjson")) return LogForm::ndjson;
  throw Refusal{406, "Only application/json or application/x-ndjson is supported"};
}

struct Chunk {
  std::string text;  // whole lines
  std::int64_t end = 0;
  bool is_last = true;  // of what is there now
};

// A line that is not yet complete is left for later, unless nobody writes it any more.
Chunk read_lines(const std::filesystem::path& path, std::int64_t from, std::int64_t most, bool has_ended) {
  auto reader = must(server::LogReader::open(path.string(), from));
  if (!reader) return {.text = {}, .end = from};
  Chunk chunk{.text = must(reader->read(static_cast<std::size_t>(most) + 1))};
  chunk.is_last = std::ssize(chunk.text) <= most;
  if (!chunk.is_last) chunk.text.pop_back();
  if (!chunk.is_last || !has_ended) {
    const std::size_t newline = chunk.text.rfind('\n');
    if (newline != std::string::npos)
      chunk.text.resize(newline + 1);
    else if (chunk.is_last)
      chunk.text.clear();  // otherwise one line is longer than a page: it goes in parts
  }
  chunk.end = from + std::ssize(chunk.text);
  return chunk;
}

// What a crash cut off is shown as it is.
std::string valid_line(std::string_view line) {
  const auto event = parse_json(line);
  return event && event->is_object() ? std::string(line) : to_json(Value(Object{{"event", std::string(line)}}));
}

std::string joined(std::string_view text, std::string_view between, std::string_view end) {
  std::string all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, newline - at);
    if (!line.empty()) all.append(all.empty() ? "" : between).append(valid_line(line)).append(end);
    at = newline + 1;
  }
  return all;
}

// A log's lines, read as they are sent.
class LogLines {
 public:
  // So many bytes of it; without a number all that there are.
  LogLines(server::LogReader reader, std::optional<std::int64_t> bytes)
      : reader_(std::move(reader)), left_(bytes.value_or(std::numeric_limits<std::int64_t>::max())) {}

  // Nothing at the end.
  Result<std::string> next() {
    std::string lines;
    while (lines.empty()) {
      const std::int64_t wanted = std::min(left_, static_cast<std::int64_t>(stream_piece));
      const auto more = reader_.read(static_cast<std::size_t>(wanted));
      if (!more) return more;
      left_ = std::ssize(*more) < wanted ? 0 : left_ - wanted;
      begun_ += *more;
      const std::size_t newline = begun_.rfind('\n');
      std::size_t whole = newline == std::string::npos ? 0 : newline + 1;
      if (left_ == 0 || (whole == 0 && begun_.size() >= longest_line)) whole = begun_.size();
      lines = joined(std::string_view(begun_).substr(0, whole), "", "\n");
      begun_.erase(0, whole);
      if (left_ == 0) break;
    }
    return lines;
  }

 private:
  server::LogReader reader_;
  std::int64_t left_;
  std::string begun_;  // a line
};

std::int64_t position_of(const Call& call, const std::filesystem::path& path) {
  const auto token = call.text("token");
  if (!token || token->empty()) return 0;
  const auto content = call.api->unsealed(*token);
  const auto metadata = content ? parse_json(*content) : Value();
  if (!metadata || !metadata->is_object() || metadata->get_string("log") != path.string())
    throw Refusal{400, "Bad Signature. Please use only the tokens provided by the API."};
  return metadata->get_int("log_pos");
}

void get_log(const Call& call, const Reply& reply) {
  const LogForm form = log_form(call);
  const std::int64_t number = call.path_integer("try_number");
  const FoundTaskInstance found = find_task_instance(call, map_index_of_query(call));
  if (number < 1 || number > found.ti.try_number) throw Refusal{404, "TaskInstance not found"};
  const std::filesystem::path path =
      server::log_path(found.run.dag_id, found.run.run_id, found.ti.task_id, found.ti.map_index, static_cast<int>(number));
  // One that is ended from outside says its last words after that.
  constexpr std::chrono::seconds last_words{2};
  const bool is_quiet = !found.ti.end_date || call.api->now() - *found.ti.end_date > last_words;
  const bool has_ended = number < found.ti.try_number || (is_finished(found.ti.state) && is_quiet);
  const auto file = call.api->home().logs() / path;
  const std::int64_t from = position_of(call, path);
  const auto token_at = [&](std::int64_t end) {
    return call.api->sealed(to_json(Value(Object{{"log", path.string()}, {"log_pos", end}})));
  };
  if (form == LogForm::ndjson) {
    net::HttpServerResponse response{.content_type = "application/x-ndjson"};
    auto reader = must(server::LogReader::open(file.string(), from));
    // What is there now, as the token that continues it goes before it.
    std::optional<std::int64_t> end;
    if (!has_ended) end = reader ? reader->end_of_lines() : from;
    if (end) response.headers.emplace_back("Airflow-Continuation-Token", token_at(*end));
    if (reader) {
      const auto lines = std::make_shared<LogLines>(std::move(*reader), end ? std::optional(*end - from) : std::nullopt);
      response.pieces = [lines](const net::GivePiece& give) { give(lines->next()); };
    }
    return reply(std::move(response));
  }
  const std::int64_t most = call.boolean("full_content", false) ? whole_page : json_page;
  const Chunk chunk = read_lines(file, from, most, has_ended);
  const Value token = chunk.is_last && has_ended ? Value() : Value(token_at(chunk.end));
  reply({200, fmt::format(R"({{"content":[{}],"continuation_token":{}}})", joined(chunk.text, ",", ""), to_json(token))});
}

void get_external_log_url(const Call&, const Reply&) {
  throw Refusal{400, "Task log handler does not support external logs."};
}

constexpr Field log_query[] = {
    {"map_index", Field::Type::integer}, {"full_content", Field::Type::boolean}, {"token", Field::Type::text}};
constexpr Field external_query[] = {{"map_index", Field::Type::integer}};

#define OF_LOGS "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"

}  // namespace

std::span<const Endpoint> log_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_LOGS "/logs/{try_number}", "get_log", Permission::viewer, get_log, log_query},
      {"GET", OF_LOGS "/externalLogUrl/{try_number}", "get_external_log_url", Permission::viewer, get_external_log_url,
       external_query},
  };
  return list;
}

}  // namespace venturi::api
