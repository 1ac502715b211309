/*
title      = "Express outlets in the injury insurance (基层快递网点工伤保险参保率)"
unit       = "%"
numerator   = { zh = "有职工参加工伤保险的快递网点单位数", counts = "employers" }
denominator = { zh = "快递网点单位数", counts = "employers" }
insurances = ["injury"]
basis      = ["荣政办发〔2024〕3号 一(二)、措施5", "人社厅发〔2021〕101号"]
needs      = ["transport/express_outlet", "human_resources/enrollment"]

[explanation]
zh = "交通运输部门名单中的快递网点单位，月末有职工参加工伤保险的比例。"
en = "Of the employers that the transport authority lists as express outlets, the share with anybody in the injury insurance at the end of the month."

[[example]]
why     = "one outlet has a courier insured, the other only in the pension; a closed one does not count"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Swift", area = "371082100" }, { employer = "Slow", area = "371082100" }]
employer_listing = [
  { employer = "Swift", kind = "express_outlet", label = "Swift 1", starts_on = 2020-01-01 },
  { employer = "Swift", kind = "express_outlet", label = "Swift 2", starts_on = 2020-01-01 },
  { employer = "Slow", kind = "express_outlet", label = "Slow", starts_on = 2020-01-01 },
  { employer = "Closed", kind = "express_outlet", label = "Closed", starts_on = 2020-01-01, state = "ended" },
]
enrollment = [
  { person = "Courier", employer = "Swift", insurance = "injury", starts_on = 2024-01-01 },
  { person = "Rider", employer = "Slow", starts_on = 2024-01-01 },
]
gives   = [{ area = "371082100", insurance = "injury", numerator = 1, denominator = 2 }]
*/
select outlet.area, 'injury' as insurance, count(insured.employer_key) as numerator, count(*) as denominator
from (
    select employer_listing.employer_key, min(coalesce(employer.area, employer_listing.area)) as area
    from employer_listing
    left join employer on employer.employer_key = employer_listing.employer_key
    where employer_listing.kind = 'express_outlet' and coalesce(employer_listing.state, 'active') = 'active'
      and employer_listing.starts_on < :data_until and employer_listing.ends_on >= :data_until
    group by employer_listing.employer_key
) as outlet
left join (
    select distinct employer_key from enrollment
    where insurance = 'injury' and state = 'active' and starts_on < :data_until and ends_on >= :data_until
) as insured on insured.employer_key = outlet.employer_key
group by outlet.area
