// GCSFileTransformOperator: an object becomes a file, a program makes another file of it, and that becomes an object.
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_download.h"
#include "providers/google/gcs_upload.h"
#include "providers/http/passing_file.h"
#include "providers/standard/transform_script.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

asio::awaitable<Value> run_gcs_transform(OperatorTry& t, Arguments arguments) {
  const GcsPlace from = gcs_place(arguments, "source_bucket", "source_object");
  GcsPlace to = from;
  if (!arguments.string("destination_bucket").empty())
    to.bucket = gcs_bucket(arguments.string("destination_bucket"), "destination_bucket");
  if (const std::string name = arguments.string("destination_object"); !name.empty()) to.object = name;
  std::vector<std::string> command = words_in(arguments, "transform_script");
  if (command.empty() || command.front().empty())
    throw operators::TaskFailedForGood(
        "the argument transform_script is empty: it is the path of a program, or a list of its words");
  const auto gcs = co_await GcsClient::make(t, arguments);

  const PassingFile before(t, "source"), after(t, "dest");
  t.log.info(fmt::format("Downloading {}", from.text()));
  (void)co_await download_file(*gcs, from, before.path());
  command.push_back(before.path());
  command.push_back(after.path());
  co_await run_transform_script(t, std::move(command));
  t.log.info(fmt::format("Transformation succeeded. Output temporarily located at {}", after.path()));
  const GcsUpload how;
  const std::uint64_t size = co_await upload_file(*gcs, after.path(), to, how);
  t.log.info(fmt::format("{}: {} bytes", to.text(), size));
  co_return Value();
}

}  // namespace venturi::providers
