#include "providers/postgres/export_objects.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/gzip_stream.h"
#include "net/background.h"
#include "providers/postgres/csv_fields.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

}  // namespace

struct ExportObjects::Gzip {
  std::string packed;  // what was not taken yet
  GzipPacker packer{[this](std::string_view bytes) { packed += bytes; }};
};

// Beside the loop: a tenth of a second for some MiB.
asio::awaitable<std::string> ExportObjects::compressed(std::string bytes, bool is_end) {
  auto work = [gzip = gzip_, bytes = std::move(bytes), is_end] {
    gzip->packer.write(bytes);
    if (is_end) gzip->packer.finish();
    return std::exchange(gzip->packed, {});
  };
  return net::in_background(std::move(work));
}

ExportObjects::ExportObjects(std::shared_ptr<PgExport> rows, ExportHow how, OpenObject open)
    : rows_(std::move(rows)), how_(std::move(how)), open_(std::move(open)) {}

asio::awaitable<std::vector<ExportedObject>> ExportObjects::run() {
  std::exception_ptr failed;
  try {
    co_await write_all();
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed) co_return std::move(done_);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (sink_) co_await sink_->give_up();
  std::rethrow_exception(failed);
}

asio::awaitable<void> ExportObjects::write_all() {
  for (bool is_last = false; !is_last;) {
    const auto page = co_await rows_->next();
    is_last = page->is_last;
    co_await take(page);
  }
  if (!sink_ && number_ == 0 && how_.writes_on_empty) co_await open({});
  if (sink_) co_await close();
  co_await rows_->end();
}

asio::awaitable<void> ExportObjects::take(std::shared_ptr<const ExportPage> page) {
  for (const ExportRow& row : page->rows) {
    if (sink_ && (count_ >= how_.limits.rows || bytes_ >= how_.limits.bytes || row.partition != partition_)) co_await close();
    if (!sink_) co_await open(std::string(row.partition));
    append(row.line);
  }
  if (sink_) co_await flush();
}

void ExportObjects::append(std::string_view line) {
  const std::size_t before = pending_.size();
  if (how_.index_label) fmt::format_to(std::back_inserter(pending_), "{}{}", count_, how_.delimiter);
  pending_ += line;
  bytes_ += pending_.size() - before;
  ++count_;
}

asio::awaitable<void> ExportObjects::open(std::string partition) {
  std::vector<std::string> values = rows_->partition_values(partition);
  partition_ = std::move(partition);
  sink_ = co_await open_(number_, std::move(values));
  gzip_ = how_.gzip ? std::make_shared<Gzip>() : nullptr;
  if (how_.header) {
    if (how_.index_label) pending_ += csv_field(*how_.index_label, how_.delimiter) + how_.delimiter;
    pending_ += rows_->header();
  }
  bytes_ = pending_.size();
}

asio::awaitable<void> ExportObjects::flush() {
  std::string lines = std::exchange(pending_, {});
  if (gzip_) lines = co_await compressed(std::move(lines), false);
  if (!lines.empty()) co_await sink_->write(std::move(lines));
}

asio::awaitable<void> ExportObjects::close() {
  std::string lines = std::exchange(pending_, {});
  if (gzip_) lines = co_await compressed(std::move(lines), true);
  if (!lines.empty()) co_await sink_->write(std::move(lines));
  co_await sink_->finish();
  done_.push_back({sink_->name(), count_, sink_->size()});
  sink_.reset();
  ++number_;
  count_ = 0;
  bytes_ = 0;
}

}  // namespace venturi::providers
