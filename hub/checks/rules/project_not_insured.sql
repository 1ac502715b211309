/*
id         = "U12"
title      = "Project started without injury insurance (新开工项目未参加工伤保险)"
subject    = "project"
severity   = "high"
basis      = ["人社部发〔2014〕103号", "人社厅函〔2017〕53号", "荣政办发〔2024〕3号 措施6", "乌海政发〔2020〕17号 三"]
needs      = ["housing/project", "human_resources/project_insurance"]
misses     = ["human_resources/project_insurance"]
parameters = ["new_projects_from"]

[explanation]
zh = "新开工工程项目在开工之前未办理按项目参加工伤保险（先参保、再开工）。开工后补办的注明参保日期。已竣工项目不列入。请督促总承包单位补办。"
en = "A newly started construction project had no injury insurance before work began. Where it was taken out later, its day is given. Finished projects are left out. Urge the general contractor."

[[example]]
why     = "no certificate, or one issued after the start, is found; one of the day of the start is in time"
today   = 2026-11-21
project = [
  { project_code = "371082-1", contractor = "Builder", starts_on = 2026-03-01 },
  { project_code = "371082-2", contractor = "Builder", starts_on = 2026-03-01 },
  { project_code = "371082-3", contractor = "Builder", starts_on = 2026-03-01 },
]
project_insurance = [
  { project_code = "371082-2", insured_on = 2026-03-20 },
  { project_code = "371082-3", insured_on = 2026-03-01 },
]
finds   = ["371082-1", "371082-2"]

[[example]]
why     = "not begun, begun before there was the duty, or finished: nothing to be done"
today   = 2026-11-21
project = [
  { project_code = "371082-4", starts_on = 2027-01-01 },
  { project_code = "371082-5", starts_on = 2023-12-31 },
  { project_code = "371082-6", starts_on = 2024-02-01, ends_on = 2026-06-30 },
]
finds   = []

[[example]]
why     = "of a start that is not told, or after the certificates delivered, nothing can be said"
today   = 2026-11-21
project = [{ project_code = "371082-7" }, { project_code = "371082-8", starts_on = 2026-11-05 }]
finds   = []
unknown = ["371082-7", "371082-8"]
*/
select md5(project.project_code)::uuid as subject_key,
       project.project_code,
       nullif(project.contractor_key, '00000000-0000-0000-0000-000000000000') as employer_key,
       project.area,
       project.region,
       case when project.starts_on < :data_until then 'FOUND' else 'UNKNOWN' end as verdict,
       case when project.starts_on is null then 'the day work began is not told'
            when project.starts_on >= :data_until then 'begun after the last certificates delivered'
       end as unknown_because,
       project.starts_on as started_on,
       insured.insured_on,
       project.insured_declared as declared_insured,
       insured.project_insurance,
       project
from project
left join (
    select project_code, min(insured_on) as insured_on, array_agg(project_insurance) as project_insurance
    from project_insurance
    group by project_code
) as insured on insured.project_code = project.project_code
where (project.starts_on is null or (project.starts_on >= :new_projects_from and project.starts_on <= :today))
  and (project.ends_on is null or project.ends_on >= :today)
  and (insured.insured_on is null or insured.insured_on > project.starts_on);
