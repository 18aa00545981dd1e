from django.urls import path

from bench import views
from natcampus.urls import urlpatterns as site_urls

urlpatterns = [path("bench/floor/", views.floor), *site_urls]

handler400 = "natcampus.views.bad_request"
handler403 = "natcampus.views.forbidden"
handler404 = "natcampus.views.not_found"
handler500 = "natcampus.views.server_error"
