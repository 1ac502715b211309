/*
title      = "Residents in a basic medical insurance (基本医疗保险参保率)"
unit       = "%"
numerator   = { zh = "参加职工或居民基本医疗保险的户籍人口数", counts = "persons" }
denominator = { zh = "户籍人口数（扣除服刑、入伍、死亡、迁出等）", counts = "persons" }
insurances = ["", "employee_medical", "resident_medical"]
group      = "medical"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 二、附件1"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "justice/sentence",
  "medical_insurance/employee_enrollment", "medical_insurance/resident_enrollment",
]

[explanation]
zh = "月末户籍人口中正常参加职工医保或居民医保的比例，各年龄均计，在校学生计入。分险种的分母相同。"
en = "Of the residents at the end of the month, of any age and students too, the share actively in the employees' or the residents' medical insurance."

[[example]]
why     = "a child and an employee are insured, a suspended one is not; the student counts, the emigrant does not"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Child", birth_on = 2020-01-01, area = "371082100" },
  { person = "Employee", birth_on = 1990-01-01, area = "371082100" },
  { person = "Suspended", birth_on = 1990-01-01, area = "371082100" },
  { person = "Student", birth_on = 2006-01-01, area = "371082100" },
  { person = "Emigrant", birth_on = 1990-01-01, area = "371082100" },
]
life_event = [
  { person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 },
  { person = "Emigrant", kind = "emigrated", happened_on = 2024-09-01 },
]
enrollment = [
  { person = "Child", insurance = "resident_medical", starts_on = 2021-01-01, contributor = "resident" },
  { person = "Employee", insurance = "employee_medical", employer = "Shop", starts_on = 2021-01-01 },
  { person = "Suspended", insurance = "employee_medical", employer = "Shop", starts_on = 2021-01-01, state = "suspended" },
]
gives   = [
  { area = "371082100", numerator = 2, denominator = 4 },
  { area = "371082100", insurance = "employee_medical", numerator = 1, denominator = 4 },
  { area = "371082100", insurance = "resident_medical", numerator = 1, denominator = 4 },
]
*/
select counted.area, asked.insurance,
       count(*) filter (where case asked.insurance
           when '' then counted.employee or counted.resident
           when 'employee_medical' then counted.employee
           else counted.resident end) as numerator,
       count(*) as denominator
from (
    select person.area,
           coalesce(spell.employee, false) as employee,
           coalesce(spell.resident, false) as resident
    from person
    left join (
        select person_key,
               bool_or(insurance = 'employee_medical') as employee,
               bool_or(insurance = 'resident_medical') as resident
        from active_spell
        where field = 'medical' and starts_on < :data_until and ends_on >= :data_until
        group by person_key
    ) as spell on spell.person_key = person.person_key
    left join (
        select distinct person_key from absence
        where starts_on < :data_until and ends_on >= :data_until and kind <> 'studying'
    ) as absent on absent.person_key = person.person_key
    where person.status = 'normal' and absent.person_key is null
) as counted
cross join (values (''), ('employee_medical'), ('resident_medical')) as asked (insurance)
group by counted.area, asked.insurance
