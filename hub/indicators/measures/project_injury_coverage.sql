/*
title      = "Newly started projects with injury insurance (新开工项目工伤保险参保率)"
unit       = "%"
numerator   = { zh = "已办理按项目参加工伤保险的新开工项目数", counts = "projects" }
denominator = { zh = "本年内新开工项目数", counts = "projects" }
insurances = ["injury"]
basis      = ["乌海政发〔2020〕17号 三", "荣政办发〔2024〕3号 一(二)、措施6", "人社部发〔2014〕103号"]
needs      = ["housing/project", "human_resources/project_insurance"]

[explanation]
zh = "本年1月1日至月末开工的工程建设项目中，月末前已办理按项目参加工伤保险的比例；开工日期不明的不计。开工后补办的计入参保，另由比对规则提示。"
en = "Of the construction projects begun between January 1st and the end of the month, the share with a certificate of injury insurance by then. One taken out after the start counts here; the cross-check tells of it. Projects whose start nobody tells do not count."

[[example]]
why     = "insured in time, late, not at all; last year's project and next month's certificate do not count"
today   = 2026-10-31
period  = 2026-10-01
project = [
  { project_code = "1", starts_on = 2026-02-01, area = "371082100" },
  { project_code = "2", starts_on = 2026-02-01, area = "371082100" },
  { project_code = "3", starts_on = 2026-02-01, area = "371082100" },
  { project_code = "4", starts_on = 2026-02-01, area = "371082100" },
  { project_code = "5", starts_on = 2025-12-31, area = "371082100" },
  { project_code = "6", area = "371082100" },
]
project_insurance = [
  { project_code = "1", insured_on = 2026-01-20 },
  { project_code = "2", insured_on = 2026-04-01 },
  { project_code = "3", insured_on = 2026-11-02 },
]
gives   = [{ area = "371082100", insurance = "injury", numerator = 2, denominator = 4 }]
*/
select project.area, 'injury' as insurance, count(insured.project_code) as numerator, count(*) as denominator
from project
left join (
    select distinct project_code from project_insurance where insured_on < :data_until
) as insured on insured.project_code = project.project_code
where project.starts_on >= make_date(extract(year from :period)::integer, 1, 1) and project.starts_on < :data_until
group by project.area
