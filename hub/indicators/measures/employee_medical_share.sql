/*
title      = "Share of the employees' medical insurance (职工医保参保人数占比)"
unit       = "%"
numerator   = { zh = "职工基本医疗保险参保人数", counts = "persons" }
denominator = { zh = "基本医疗保险参保人数（职工、居民）", counts = "persons" }
insurances = ["employee_medical"]
group      = "medical"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(三)2"]
needs      = ["medical_insurance/employee_enrollment", "medical_insurance/resident_enrollment", "public_security/population"]

[explanation]
zh = "月末正常参加基本医疗保险的人员（含外地户籍在本地参保的）中参加职工医保的比例，按单位所在地区、无单位的按户籍所在地区统计。"
en = "Of everybody actively in a basic medical insurance at the end of the month, residents or not, the share in the employees', by the employer's area or one's own."

[[example]]
why     = "one of three is an employee; who is in both counts once, as an employee"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
person  = [
  { person = "Child", birth_on = 2020-01-01, area = "371082100" },
  { person = "Farmer", birth_on = 1980-01-01, area = "371082100" },
]
enrollment = [
  { person = "Child", insurance = "resident_medical", starts_on = 2021-01-01 },
  { person = "Farmer", insurance = "resident_medical", starts_on = 2021-01-01 },
  { person = "Both", insurance = "resident_medical", starts_on = 2021-01-01 },
  { person = "Both", insurance = "employee_medical", employer = "Shop", starts_on = 2021-01-01 },
]
gives   = [{ area = "371082100", insurance = "employee_medical", numerator = 1, denominator = 3 }]
*/
select insured.area, 'employee_medical' as insurance,
       count(*) filter (where insured.employee) as numerator, count(*) as denominator
from (
    select enrollment.person_key, bool_or(enrollment.insurance = 'employee_medical') as employee,
           min(coalesce(employer.area, person.area)) as area
    from enrollment
    left join employer on employer.employer_key = enrollment.employer_key
    left join person on person.person_key = enrollment.person_key
    where enrollment.insurance in ('employee_medical', 'resident_medical') and enrollment.state = 'active'
      and enrollment.starts_on < :data_until and enrollment.ends_on >= :data_until
    group by enrollment.person_key
) as insured
group by insured.area
