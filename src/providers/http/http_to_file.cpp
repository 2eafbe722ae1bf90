// HttpToFileOperator: a body of any size into a file.
#include <algorithm>
#include <cctype>
#include <cstdint>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/http/download_target.h"
#include "providers/http/http.h"
#include "providers/http/http_call.h"
#include "providers/http/http_download.h"
#include "providers/http/target_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::string wanted_sum(const Arguments& arguments) {
  std::string sum = arguments.string("sha256");
  std::ranges::transform(sum, sum.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!sum.empty() && (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos))
    throw TaskFailedForGood("the argument sha256 must be 64 hexadecimal digits");
  return sum;
}

}  // namespace

asio::awaitable<Value> run_http_to_file(OperatorTry& t, Arguments arguments) {
  std::string path = target_path(t, arguments);
  co_return co_await download_to(t, std::move(arguments), std::move(path));
}

asio::awaitable<Value> download_to(CallContext t, Arguments arguments, std::string path) {
  const std::string sum = wanted_sum(arguments);
  const std::int64_t most = arguments.integer("max_bytes", INT64_MAX);
  if (most < 1) throw TaskFailedForGood("the argument max_bytes must be a number from 1 on");
  RetryRule rule = retry_rule(arguments, download_attempts);
  const auto call = co_await HttpCall::make(t, arguments, "GET", "data");
  HttpDownload download(t, call, std::move(rule), static_cast<std::uint64_t>(most));
  t.log.info("Downloading " + download.shown() + " to " + path);
  const auto checksum = sum.empty() ? FileWriter::Checksum::none : FileWriter::Checksum::sha256;
  const auto target = co_await FileTarget::make(path, checksum);
  co_await download.run(*target);
  const std::string found = sum.empty() ? std::string() : target->file().sha256();
  if (found != sum) throw TaskFailed(fmt::format("{}: the file's SHA-256 is {}, not {}", download.shown(), found, sum));
  co_await target->finish();
  t.log.info(fmt::format("{} bytes{}", target->size(), found.empty() ? "" : ", SHA-256 " + found));
  co_return path;
}

}  // namespace venturi::providers
