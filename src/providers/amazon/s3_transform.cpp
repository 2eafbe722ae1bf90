// S3FileTransformOperator: an object becomes a file, a program makes another file of it, and that becomes an object.
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_arguments.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_download.h"
#include "providers/amazon/s3_upload.h"
#include "providers/http/passing_file.h"
#include "providers/standard/transform_script.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

// An argument under the name that clients read.
void take_over(Arguments& arguments, std::string_view from, std::string_view to) {
  if (!arguments.has(from)) return;
  const Value* given = arguments.find(from);
  arguments.set(to, given == nullptr ? Value() : *given);
}

asio::awaitable<std::shared_ptr<S3Client>> client_of(OperatorTry& t, Arguments arguments, std::string prefix) {
  take_over(arguments, prefix + "_aws_conn_id", "aws_conn_id");
  take_over(arguments, prefix + "_verify", "verify");
  co_return co_await S3Client::make(t, arguments);
}

}  // namespace

asio::awaitable<Value> run_s3_transform(OperatorTry& t, Arguments arguments) {
  const S3Place from = s3_place("", arguments.string("source_s3_key"), "source_bucket", "source_s3_key");
  const S3Place to = s3_place("", arguments.string("dest_s3_key"), "dest_bucket", "dest_s3_key");
  if (arguments.find("select_expression") != nullptr)
    throw TaskFailedForGood(
        "select_expression is not there: Amazon closed S3 Select to new customers; let transform_script choose");
  std::vector<std::string> command = words_in(arguments, "transform_script");
  if (command.size() != 1 || command.front().empty())
    throw TaskFailedForGood(
        "Either transform_script or select_expression must be specified: give transform_script, the path of a program");
  const auto source = co_await client_of(t, arguments, "source");
  const auto dest = co_await client_of(t, arguments, "dest");
  co_await check_is_free(*dest, to, arguments.boolean("replace", false));

  const PassingFile before(t, "source"), after(t, "dest");
  t.log.info(fmt::format("Downloading source S3 file {}", from.text()));
  (void)co_await download_file(*source, from, before.path());
  command.push_back(before.path());
  command.push_back(after.path());
  for (std::string& word : words_in(arguments, "script_args")) command.push_back(std::move(word));
  co_await run_transform_script(t, std::move(command));
  t.log.info(fmt::format("Transform script successful. Output temporarily located at {}", after.path()));
  const std::uint64_t size = co_await upload_file(*dest, after.path(), to, {});
  t.log.info(fmt::format("{}: {} bytes", to.text(), size));
  co_return Value();
}

}  // namespace venturi::providers
