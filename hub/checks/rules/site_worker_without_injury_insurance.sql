/*
id         = "U13"
title      = "Workers on a site without injury insurance (工地实名制工人未参加工伤保险)"
subject    = "project"
severity   = "high"
basis      = ["荣政办发〔2024〕3号 措施6", "人社部发〔2014〕103号", "工伤保险条例 第二条、第十条"]
needs      = [
  "housing/site_worker", "housing/project", "human_resources/project_insurance", "human_resources/enrollment",
  "human_resources/benefit", "public_security/population",
]
misses     = ["human_resources/project_insurance", "human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["student_age_until", "retirement_scheme"]

[explanation]
zh = "数据月份内实名制在场的工人，其在场日期没有该项目有效的工伤保险（未参保、尚未生效或已到期），本人也未以其他方式参加工伤保险。与“新开工项目未参加工伤保险”不同：该规则查项目开工前是否参保，不论有无工人；本规则查现场工人有无保障，包括多年前开工、保险已到期的项目。已扣除领取养老待遇和退休人员、在校学生；在异地参保而工伤保险情况不明、当月考勤为零、年龄难以确定的不计入。请督促总承包单位补办或续保。"
en = "Workers on the site in the month of the data, by their real names, on days for which the project has no injury insurance (none was taken out, it had not begun or was over), and who are in no injury insurance otherwise. The rule on new projects asks another question: whether insurance was taken out before work began, whoever works there. This one asks for the cover of those on the site, also where work began years ago and the insurance is over. The retired and students are left out; who is insured in another place, attended on no day, or whose age decides, is not counted. Urge the general contractor to insure or to renew."

[[example]]
why     = "no insurance, one that is over, one that began in the middle of the month; not where it is valid, renewed without a gap"
today   = 2026-11-21
project = [
  { project_code = "371082-1", contractor = "Builder", starts_on = 2026-03-01 },
  { project_code = "371082-2", contractor = "Builder", starts_on = 2021-03-01 },
  { project_code = "371082-3", contractor = "Builder", starts_on = 2026-10-01 },
  { project_code = "371082-4", contractor = "Builder", starts_on = 2026-03-01 },
  { project_code = "371082-5", contractor = "Builder", starts_on = 2026-03-01 },
]
project_insurance = [
  { project_code = "371082-2", insured_on = 2021-02-20, starts_on = 2021-03-01, ends_on = 2026-07-01 },
  { project_code = "371082-3", insured_on = 2026-10-15 },
  { project_code = "371082-4", insured_on = 2026-02-20, starts_on = 2026-03-01, ends_on = 2027-03-01 },
  { project_code = "371082-5", certificate_no = "1", insured_on = 2026-02-20, starts_on = 2026-03-01, ends_on = 2026-10-16 },
  { project_code = "371082-5", certificate_no = "2", insured_on = 2026-10-10, starts_on = 2026-10-16, ends_on = 2027-03-01 },
]
person  = [{ person = "Mason", birth_on = 1985-01-01 }]
project_worker = [
  { person = "Mason", project_code = "371082-1", entered_on = 2026-03-05 },
  { person = "Mason", project_code = "371082-2", entered_on = 2026-03-05 },
  { person = "Mason", project_code = "371082-3", entered_on = 2026-10-02 },
  { person = "Mason", project_code = "371082-4", entered_on = 2026-03-05 },
  { person = "Mason", project_code = "371082-5", entered_on = 2026-03-05 },
]
finds   = ["371082-1", "371082-2", "371082-3"]

[[example]]
why     = "insured by an employer, retired, gone before the month, or left on the list of a project that is finished"
today   = 2026-11-21
project = [
  { project_code = "371082-6", starts_on = 2026-03-01 }, { project_code = "371082-7", starts_on = 2026-03-01, ends_on = 2026-06-30 },
]
person  = [
  { person = "Insured", birth_on = 1985-01-01 }, { person = "Pensioner", birth_on = 1960-01-01 },
  { person = "Gone", birth_on = 1985-01-01 }, { person = "Seventy", birth_on = 1956-01-01 }, { person = "Mason", birth_on = 1985-01-01 },
]
project_worker = [
  { person = "Insured", project_code = "371082-6", entered_on = 2026-03-05 },
  { person = "Pensioner", project_code = "371082-6", entered_on = 2026-03-05 },
  { person = "Gone", project_code = "371082-6", entered_on = 2026-03-05, left_on = 2026-09-20 },
  { person = "Seventy", project_code = "371082-6", entered_on = 2026-03-05 },
  { person = "Mason", project_code = "371082-7", entered_on = 2026-03-05 },
]
enrollment = [{ person = "Insured", employer = "Builder", insurance = "injury", starts_on = 2020-01-01 }]
benefit = [{ person = "Pensioner", starts_on = 2020-01-01 }]
finds   = []

[[example]]
why     = "whether anybody is without cover hangs on one insured elsewhere, one who attended on no day and a woman of 52"
today   = 2026-11-21
project = [{ project_code = "371082-8", starts_on = 2026-03-01 }]
person  = [
  { person = "Posted", birth_on = 1985-01-01 }, { person = "Absent", birth_on = 1985-01-01 },
  { person = "Woman", birth_on = 1974-06-01, sex = "female" },
]
project_worker = [
  { person = "Posted", project_code = "371082-8", entered_on = 2026-03-05, days_attended = 22 },
  { person = "Absent", project_code = "371082-8", entered_on = 2026-03-05, days_attended = 0 },
  { person = "Woman", project_code = "371082-8", entered_on = 2026-03-05, days_attended = 22 },
]
enrollment = [{ person = "Posted", starts_on = 2020-01-01, region = "370202" }]
finds   = []
unknown = ["371082-8"]
*/
select md5(site.project_code)::uuid as subject_key,
       site.project_code,
       nullif(project.contractor_key, '00000000-0000-0000-0000-000000000000') as employer_key,
       project.area,
       project.region,
       case when site.uninsured > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when site.uninsured = 0
            then 'whether those without cover work there, or are insured elsewhere or retired, is not known' end as unknown_because,
       site.uninsured,
       site.undecided,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       project,
       site.project_worker
from (
    select project_code,
           count(distinct person_key) filter (where not undecided) as uninsured,
           count(distinct person_key) filter (where undecided) as undecided,
           array_agg(project_worker) filter (where not undecided) as project_worker
    from (
        select at_work.project_code, at_work.person_key, at_work.project_worker,
               of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) is null
               or (months(:period) - months(person.birth_on) < :student_age_until * 12
                   and position('education/student' in :missing) > 0)
               or insured.person_key is not null
               or at_work.days_attended = 0 as undecided
        from (
            -- the days on the site that the data tell of: those of their month
            select project_code, person_key, coalesce(days_attended, 1) as days_attended, project_worker,
                   daterange(greatest(entered_on, :period), least(left_on, :data_until - 1), '[]') as days
            from project_worker
            where entered_on < :data_until and left_on >= :period
        ) as at_work
        left join person on person.person_key = at_work.person_key
        left join (
            select project_code, range_agg(daterange(coalesce(starts_on, insured_on), ends_on)) as days
            from project_insurance
            where coalesce(starts_on, insured_on) < ends_on
            group by project_code
        ) as covered on covered.project_code = at_work.project_code
        left join (
            select person_key, bool_or(insurance = 'injury') as against_injury
            from employer_spell
            where starts_on <= :today and ends_on >= :data_until
              and (insurance = 'injury' or employer_key = '00000000-0000-0000-0000-000000000000')
            group by person_key
        ) as insured on insured.person_key = at_work.person_key
        left join (
            select distinct person_key from exempt_worker where starts_on < :data_until and ends_on >= :data_until
        ) as exempted on exempted.person_key = at_work.person_key
        where covered.days @> at_work.days is not true
          and insured.against_injury is not true
          and exempted.person_key is null
          and of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) is not false
    ) as each
    group by project_code
) as site
left join project on project.project_code = site.project_code
where project.ends_on is null or project.ends_on >= :period;
