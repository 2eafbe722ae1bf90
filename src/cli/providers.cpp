// `providers`: what operators, notifiers and hooks are built in, by the system that they are for.
#include "cli/providers.h"

#include <algorithm>

#include "base/edit_distance.h"
#include "cli/handlers.h"
#include "cli/output.h"
#include "lanes/yaml/operator_table.h"

namespace venturi::cli {
namespace {

Array texts(const std::vector<std::string_view>& all) {
  Array list;
  for (const std::string_view text : all) list.emplace_back(text);
  return list;
}

// As a person reads it: lists are for programs.
Value cell(const std::vector<std::string_view>& all, OutputFormat format) {
  if (format == OutputFormat::json || format == OutputFormat::yaml) return texts(all);
  std::string list;
  for (const std::string_view text : all) list += (list.empty() ? "" : ", ") + std::string(text);
  return list;
}

}  // namespace

const std::vector<Provider>& providers() {
  static const std::vector<Provider> table{
      {"standard",
       "Bash, branches by the clock, sensors of time and files, other DAGs",
       "",
       "",
       "",
       {"BashOperator", "BashSensor", "BranchDateTimeOperator", "BranchDayOfWeekOperator", "ConstantOperator", "DateTimeSensor",
        "DateTimeSensorAsync", "DayOfWeekSensor", "EmptyOperator", "ExternalTaskMarker", "ExternalTaskSensor", "FileSensor",
        "LatestOnlyOperator", "TimeDeltaSensor", "TimeDeltaSensorAsync", "TimeSensor", "TimeSensorAsync",
        "TriggerDagRunOperator", "WaitSensor"}},
      {"common-sql",
       "Statements, checks and sensors of any SQL database",
       "",
       "",
       "",
       {"BranchSQLOperator", "GenericTransfer", "SQLCheckOperator", "SQLColumnCheckOperator", "SQLExecuteQueryOperator",
        "SQLInsertRowsOperator", "SQLIntervalCheckOperator", "SQLTableCheckOperator", "SQLThresholdCheckOperator",
        "SQLValueCheckOperator", "SqlSensor"}},
      {"postgres",
       "PostgreSQL",
       "postgres",
       "PostgresHook",
       "",
       {"FileToPostgresOperator", "PostgresToCsvOperator", "PostgresToFileOperator"}},
      {"http", "HTTP requests", "http", "HttpHook", "HttpNotifier", {"HttpOperator", "HttpSensor", "HttpToFileOperator"}},
      {"smtp", "Mail", "smtp", "SmtpHook", "SmtpNotifier", {"EmailOperator"}},
      {"slack", "Messages to Slack", "slackwebhook", "", "SlackWebhookNotifier", {}},
      {"microsoft-teams", "Messages to Microsoft Teams", "msteams", "", "TeamsWebhookNotifier", {}},
      {"files",
       "Files, and files of rows: CSV and JSON Lines",
       "",
       "",
       "",
       {"CopyFileOperator", "CsvToFileOperator", "CsvToJsonLinesOperator", "DeleteFileOperator", "FileToCsvOperator",
        "FileToJsonLinesOperator", "JsonLinesToCsvOperator", "JsonLinesToFileOperator", "MakeDirectoryOperator",
        "MoveFileOperator", "ValidateCsvOperator", "ValidateJsonLinesOperator"}}};
  return table;
}

Result<int> providers_list(const Arguments& arguments) {
  Rows rows{{"package_name", "description", "version"}, {}};
  for (const Provider& provider : providers()) rows.rows.push_back({provider.name, provider.description, VENTURI_VERSION});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> providers_get(const Arguments& arguments) {
  const std::string name = arguments.text("provider_name");
  const auto found = std::ranges::find(providers(), name, &Provider::name);
  if (found == providers().end()) {
    std::vector<std::string> known;
    for (const Provider& provider : providers()) known.emplace_back(provider.name);
    const std::string near = nearest(name, known);
    return fail(ErrorKind::not_found, "there is no provider " + name, "",
                near.empty() ? "see: venturi providers list" : "did you mean " + near + "?");
  }
  const OutputFormat format = output_format(arguments.text("output"));
  Rows rows{{"provider", "version", "description", "connection_type", "hook", "notifier", "operators"},
            {{found->name, VENTURI_VERSION, found->description, found->connection_type, found->hook, found->notifier,
              cell(found->operators, format)}}};
  print(format_rows(rows, format));
  return exit_done;
}

Result<int> providers_hooks(const Arguments& arguments) {
  Rows rows{{"connection_type", "class", "package_name"}, {}};
  for (const Provider& provider : providers()) {
    if (!provider.hook.empty()) rows.rows.push_back({provider.connection_type, provider.hook, provider.name});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> providers_notifications(const Arguments& arguments) {
  Rows rows{{"notification_class_name", "package_name"}, {}};
  for (const lanes::yaml::NotifierInfo& notifier : lanes::yaml::notifier_table()) {
    const auto found = std::ranges::find(providers(), notifier.name, &Provider::notifier);
    rows.rows.push_back({notifier.classpath, found == providers().end() ? "" : found->name});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace venturi::cli
