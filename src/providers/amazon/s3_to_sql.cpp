// S3ToSqlOperator: an object with CSV goes into a table by COPY, in one transaction, on its way through one part's memory.
//
// Instead of Airflow's Python function `parser`:
//   file_format  csv
//   delimiter    one ASCII character, ","
//   header       true: the first line names the columns, in any order; those of the table that it does not name get their
//                default. With column_list it is passed over
//   null_text    what stands for NULL, without quotes: nothing
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_download.h"
#include "providers/http/download_target.h"
#include "providers/postgres/csv_fields.h"
#include "providers/postgres/session_load.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::size_t longest_header = 1UL << 20U;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf", gzip_mark = "\x1f\x8b";

struct CsvForm {
  char delimiter = ',';
  bool header = true;
  std::string null_text;
  std::vector<std::string> columns;  // those of the rows; empty: the header's, or the table's
};

CsvForm csv_form(const Arguments& arguments) {
  if (const std::string format = arguments.string("file_format", "csv"); format != "csv")
    throw TaskFailedForGood(fmt::format("file_format can be csv here, not {}", format));
  CsvForm form{.header = arguments.boolean("header", true),
               .null_text = arguments.string("null_text"),
               .columns = arguments.string_list("column_list")};
  const std::string delimiter = arguments.string("delimiter", ",");
  if (delimiter.size() != 1 || delimiter.find_first_of("\"\r\n\\.") == 0)
    throw TaskFailedForGood("the argument delimiter must be one ASCII character, and no quote, backslash or line break");
  form.delimiter = delimiter.front();
  return form;
}

// What comes in goes on to the table once its first line is known.
class TableTarget final : public DownloadTarget {
 public:
  TableTarget(SessionPtr session, std::string table, CsvForm form, std::string shown)
      : session_(std::move(session)), table_(std::move(table)), form_(std::move(form)), shown_(std::move(shown)) {}

  asio::awaitable<void> write(std::string bytes) override {
    size_ += bytes.size();
    if (load_) co_return co_await load_->put(std::move(bytes));
    head_ += bytes;
    if (end_of_csv_line(head_) == std::string::npos) {
      if (head_.size() > longest_header) throw TaskFailedForGood(shown_ + ": the first line has no end: is it CSV?");
      co_return;
    }
    co_await begin();
  }
  asio::awaitable<void> start_again() override {
    if (load_) co_await load_->roll_back();
    load_.reset();
    head_.clear();
    size_ = 0;
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

  asio::awaitable<std::int64_t> commit() {
    if (!load_ && head_.empty() && form_.header) throw TaskFailedForGood(shown_ + ": it is empty: there is no header");
    if (!load_) co_await begin();
    co_return co_await load_->commit();
  }

 private:
  asio::awaitable<void> begin() {
    std::string_view text = head_;
    if (text.starts_with(gzip_mark)) throw TaskFailedForGood(shown_ + ": it is compressed, which is not taken here");
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::vector<std::string> columns = form_.columns;
    if (form_.header) {
      const std::size_t end = std::min(end_of_csv_line(text), text.size());
      if (columns.empty()) columns = co_await known_columns(csv_values(text.substr(0, end), form_.delimiter));
    }
    load_ = std::make_unique<SessionLoad>(
        session_, LoadOptions{.table = table_, .columns = std::move(columns), .upsert = {}, .before = {}, .after = {}});
    // With its header, so that errors count lines as the object has them.
    co_await load_->begin(fmt::format(" (FORMAT csv, HEADER {}, DELIMITER {}, NULL {})", form_.header,
                                      session_->literal(std::string(1, form_.delimiter)), session_->literal(form_.null_text)));
    co_await load_->put(std::string(text));
    head_.clear();
  }
  asio::awaitable<std::vector<std::string>> known_columns(std::vector<std::string> names) {
    const std::vector<TableColumn> table = co_await columns_of_table(session_, table_);
    for (const std::string& name : names) {
      if (std::ranges::find(table, name, &TableColumn::name) == table.end())
        throw TaskFailed(fmt::format("{}: its header names a column \"{}\", which the table {} has not", shown_, name, table_));
      if (std::ranges::count(names, name) > 1)
        throw TaskFailed(fmt::format("{}: its header names the column \"{}\" twice", shown_, name));
    }
    co_return names;
  }

  SessionPtr session_;
  std::string table_;
  CsvForm form_;
  std::string shown_, head_;
  std::unique_ptr<SessionLoad> load_;
  std::uint64_t size_ = 0;
};

}  // namespace

asio::awaitable<Value> run_s3_to_sql(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "s3_bucket", "s3_key");
  CsvForm form = csv_form(arguments);
  const std::string schema = arguments.string("schema");
  const std::string table = (schema.empty() ? "" : schema + ".") + arguments.string("table");
  arguments.set("conn_id", arguments.string("sql_conn_id", "sql_default"));
  const SessionPtr session = co_await open_session(t, arguments, "sql_hook_params");
  const auto s3 = co_await S3Client::make(t, arguments);
  t.log.info(fmt::format("Loading {} to SQL table {}...", place.text(), table));
  TableTarget target(session, table, std::move(form), place.text());
  // What fails, or is cancelled, ends the session, and with it the transaction.
  co_await receive_object(*s3, place, target);
  const std::int64_t rows = co_await target.commit();
  t.log.info(fmt::format("{} rows of {} are in {}", rows, place.text(), table));
  co_return Value();
}

}  // namespace venturi::providers
