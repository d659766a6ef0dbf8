#!/bin/sh
# Packages: aws-cron-parser 1.1.12 (npm), pyawscron 1.0.7 and aws-croniter 2.1.1 (PyPI). Each says that it reads the
#           cron expressions of EventBridge.
# Expected: the three agree on when a schedule runs, and each date fits every field of the expression
#           (docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html): `0 6 29 2 ? *` runs on
#           29 February and `0 6 31 * ? *` in the seven months that have 31 days.
# Seen:     aws-croniter does that. aws-cron-parser lets a day that the month does not have run over into the next
#           month: 29 February becomes 1 March, which fits neither the day nor the month of the expression, and the
#           31st comes on 3 March and 1 May too. pyawscron raises ValueError for both.
# Effect:   what shows or tests by these libraries when a clean-up or a monthly scan of images runs is wrong on some
#           days of the year, or has no answer.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyawscron==1.0.7 aws-croniter==2.1.1
npm install --silent --no-audit --no-fund aws-cron-parser@1.1.12 >npm.log 2>&1
cat >schedules.json <<'JSON'
["0 6 29 2 ? *", "0 6 31 * ? *"]
JSON
cat >schedules.py <<'PY'
import datetime
import json

from aws_croniter import AwsCroniter
from pyawscron import AWSCron

START = datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)


def dates(work):
    try:
        return " ".join(f"{date:%Y-%m-%d}" for date in work())
    except ValueError as error:
        return f"ValueError: {error}"


for schedule in json.load(open("schedules.json")):
    print("aws-croniter", schedule, "|", dates(lambda: AwsCroniter(schedule).get_next(START, 5)))
    print("pyawscron", schedule, "|", dates(lambda: AWSCron.get_next_n_schedule(5, START, schedule)))
PY
cat >schedules.js <<'JS'
const { next, parse } = require("aws-cron-parser");
for (const schedule of require("./schedules.json")) {
  const dates = [];
  let date = new Date("2026-12-01T00:00:00Z");
  while (dates.length < 5) {
    date = next(parse(schedule), date);
    dates.push(date.toISOString().slice(0, 10));
  }
  console.log("aws-cron-parser", schedule, "|", dates.join(" "));
}
JS
{ venv/bin/python schedules.py; node schedules.js; } >seen
cat seen
[ "$(cat seen)" = "aws-croniter 0 6 29 2 ? * | 2028-02-29 2032-02-29 2036-02-29 2040-02-29 2044-02-29
pyawscron 0 6 29 2 ? * | ValueError: day is out of range for month
aws-croniter 0 6 31 * ? * | 2026-12-31 2027-01-31 2027-03-31 2027-05-31 2027-07-31
pyawscron 0 6 31 * ? * | ValueError: day is out of range for month
aws-cron-parser 0 6 29 2 ? * | 2027-03-01 2028-02-29 2029-03-01 2030-03-01 2031-03-01
aws-cron-parser 0 6 31 * ? * | 2026-12-31 2027-01-31 2027-03-03 2027-03-31 2027-05-01" ] ||
  { echo "the behaviour has changed"; exit 1; }
